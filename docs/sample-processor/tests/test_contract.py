"""Zwin keeps the contract of every processor, over HTTP against its double."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from entrepot_zwin import Zwin
from zwin_double import Double

from payments.processors import Money
from payments.testing import ProcessorContract, Subject


class ZwinSubject(Subject):
    amounts = (Money(1999, "EUR"), Money(1500, "ISK"), Money(123_45, "NOK"))

    def __init__(self, double: Double) -> None:
        self.double, self.processor = double, Zwin(double.config)

    def pay(self, ref: str, money: Money) -> None:
        self.double.confirm(ref)

    def count(self, kind: str) -> int:
        return len(self.double.of_kind(kind))

    def lose_reply(self) -> None:
        self.double.lose = 1

    def webhook(self, ref: str) -> tuple[bytes, Mapping[str, str]]:
        [*_, last] = [event for event in self.double.events if event["about"]["id"] == ref]
        return self.double.signed(last)

    def settle(self, currency: str) -> str:
        return self.double.settle(currency)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.double.stop()
        yield
        self.double.start()

    def decline(self, ref: str) -> bool:
        self.double.decline(ref)
        return True

    def expire(self, ref: str) -> bool:
        self.double.expire(ref)
        return True


class TestZwin(ProcessorContract):
    @pytest.fixture
    def subject(self, double: Double) -> Subject:
        return ZwinSubject(double)
