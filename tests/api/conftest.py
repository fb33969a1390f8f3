"""Callers of the API: Bob and Alice by token, a guest by session; no throttles but in the test of the throttles."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.throttling import SimpleRateThrottle

from marketplace.models import User
from tests.api.caller import Caller, by_token
from tests.orders.conftest import shop_world as shop_world
from tests.orders.conftest import world as world


@pytest.fixture(autouse=True)
def _unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})


@pytest.fixture
def as_bob(bob: User) -> Caller:
    return by_token(bob)


@pytest.fixture
def as_alice(alice: User) -> Caller:
    return by_token(alice)


@pytest.fixture
def as_guest(db: Any) -> Caller:
    return Caller()
