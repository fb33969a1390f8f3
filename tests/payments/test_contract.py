"""The contract on a processor that keeps it, and the registry that finds processors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.lib import plugins
from marketplace.run.places import BASE
from payments import checks
from payments.processors import registry
from payments.processors.base import Can, Processor
from payments.testing import ProcessorContract, Subject
from tests.payments.coinbox import Coinbox
from tests.payments.pocket import FarEnd, Pocket, webhook


class PocketSubject(Subject):
    def __init__(self, made: type[Pocket]) -> None:
        self.far = FarEnd()
        self.processor = made({"far": self.far})

    def pay(self, ref: str, money: Money) -> None:
        self.far.pay(ref, money, fee=7)

    def count(self, kind: str) -> int:
        return sum(thing.kind == kind for thing in self.far.things.values())

    def lose_reply(self) -> None:
        self.far.lose = 1

    def webhook(self, ref: str) -> tuple[bytes, Mapping[str, str]]:
        return webhook(self.far.things[ref], f"evt_{ref}")


class TestPocket(ProcessorContract):
    @pytest.fixture
    def subject(self) -> Subject:
        return PocketSubject(Pocket)


class Forgetful(Pocket):
    """Makes a new payment for every call."""

    api: ClassVar[int] = 1

    def create(self, key: str, money: Money, **how: object) -> object:  # type: ignore[override]
        return super().create(f"{key}:{len(self.far.things)}", money, **how)  # type: ignore[arg-type]


def test_the_contract_notices_a_processor_that_forgets_keys() -> None:
    with pytest.raises(AssertionError):
        ProcessorContract().test_the_same_key_makes_one_payment(PocketSubject(Forgetful))


class Trusting(Pocket):
    """Believes any webhook."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> list[object]:  # type: ignore[override]
        return [json.loads(body or b"{}")]


def test_the_contract_notices_a_processor_that_believes_anything() -> None:
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        ProcessorContract().test_what_is_not_signed_is_refused(PocketSubject(Trusting), b"{}")


# --- the registry ---------------------------------------------------------------------------------


def test_only_what_settings_name_is_active(far: FarEnd, settings: Settings) -> None:
    assert [processor.slug for processor in registry.active()] == ["pocket", "coinbox", "bank"]
    assert registry.get("pocket") is registry.get("pocket")
    assert Can.REFUND in registry.can("pocket")
    settings.PROCESSORS = {"pocket": {"far": FarEnd()}}
    assert registry.get("pocket").config["far"] is not far
    with pytest.raises(registry.NoProcessor, match="'coinbox' is not switched on in PROCESSORS; pocket are"):
        registry.get("coinbox")
    assert registry.can("coinbox") == Can.NOTHING


def test_a_third_partys_package_adds_a_processor(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("coinbox", "tests.payments.coinbox:Coinbox", registry.KIND.group)
    monkeypatch.setattr(plugins, "installed", lambda group: (point,))
    assert registry.load("coinbox") is Coinbox


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("acme", None, "PLUGIN_PROCESSORS has 'acme', which is neither built in (stripe, bitcoin"),
        ("acme", "tests.payments.nowhere:Acme", "does not load: ModuleNotFoundError: No module named"),
        ("acme", "tests.payments.pocket:FarEnd", "is no Processor class"),
        ("acme", "tests.payments.pocket:Pocket", "its slug is 'pocket'"),
        ("bank", "tests.payments.pocket:Pocket", "provide the processor 'bank': Entrepôt itself, a package"),
        ("old", "tests.payments.test_contract:Old", "is written for API 0 of processors, this is API 1"),
        ("half", "tests.payments.test_contract:Half", "lacks create, fetch, parse_webhook"),
    ],
)
def test_what_is_wrong_with_a_plug_in_is_said_by_a_check(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, why: str
) -> None:
    points = () if value is None else (EntryPoint(name, value, registry.KIND.group),)
    monkeypatch.setattr(plugins, "installed", lambda group: points)
    settings.PROCESSORS = {name: {}}
    [error] = checks.processors(None)
    assert (error.id, why in error.msg) == ("payments.E001", True)


def test_a_configuration_that_a_processor_refuses_is_an_error(settings: Settings) -> None:
    settings.PROCESSORS = {"stripe": {"secret_key": "", "publishable_key": "", "webhook_secret": ""}}
    [error] = checks.processors(None)
    assert error.id == "payments.E002"


def test_our_own_settings_have_no_errors() -> None:
    assert checks.processors(None) == []


class Old(Pocket):
    slug: ClassVar[str] = "old"
    api: ClassVar[int] = 0


class Half(Processor):
    slug: ClassVar[str] = "half"
    label: ClassVar[str] = "Half"
    can: ClassVar[Can] = Can.NOTHING


def test_the_settings_know_which_names_are_ours() -> None:
    source = (BASE / "marketplace" / "settings" / "money.py").read_text()
    [named] = re.findall(r"if _slug in (\{.+\}):", source)
    assert set(json.loads(named.replace("{", "[").replace("}", "]"))) == set(registry.BUILT_IN) - {"pocket", "coinbox"}
