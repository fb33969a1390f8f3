"""Nobody is paid before the screening has answered; what it has something against waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from fx.money import Money
from marketplace.models import User
from orders import work
from payments.errors import PayoutRefused, RefundRefused
from payments.models import Case, Journal, Payout, Refund, Screening
from payments.payouts.doubts import clear_doubts
from payments.payouts.life import approve_payout, request_payout
from payments.refunds.life import give_refund_address
from payments.screening import decisions, registry
from payments.screening.base import Payee, ScreeningProvider, ScreeningUnavailable
from payments.screening.embargo import EmbargoScreening
from payments.screening.listfile import ListScreening
from payments.services import LineDraft, request_refund, sent_by_hand
from tests.orders.world import broken
from tests.payments.conftest import Open
from tests.payments.conftest import work as run_operations
from tests.payments.test_payouts import fund, method, payable

pytestmark = pytest.mark.django_db
INR = Money(1000, "INR")


@pytest.fixture
def blacklist(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("# ours\nJosé  GARCÍA Muñoz\n123456789012\nSolo # one word\n", "utf-8")
    settings.SCREENING_LIST = str(path)
    return path


class Slow(ScreeningProvider):
    """Far away: answers only outside of a transaction."""

    slug: ClassVar[str] = "slow"
    answer: ClassVar[str] = ""
    down: ClassVar[bool] = False
    asked: ClassVar[list[Payee]] = []

    def screen(self, payee: Payee) -> str:
        self.asked.append(payee)
        if self.down:
            raise ScreeningUnavailable("The line is dead.")
        return self.answer


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> type[Slow]:
    monkeypatch.setitem(registry.BUILT_IN, "slow", Slow)
    monkeypatch.setattr(Slow, "asked", [])
    settings.SCREENING_PROVIDERS = ["embargoes", "list", "slow"]
    return Slow


def requested(seller: User) -> Payout:
    method(seller)
    payable(seller, INR)
    fund(INR)
    return request_payout(seller=seller, currency="INR", by=seller)


# --- the built-in ones ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "hit"), [("KP", True), ("IR", True), ("RU", True), ("DE", False), ("IN", False), ("SY", False)]
)
def test_a_country_under_an_embargo_is_a_hit(country: str, hit: bool) -> None:
    assert bool(EmbargoScreening().screen(Payee(("A",), ("DE", country), "x"))) is hit


@pytest.mark.parametrize(
    ("names", "destination", "hit"),
    [
        (("munoz, jose garcia",), "", "José  GARCÍA Muñoz"),
        (("José García", "Muñoz"), "", ""),
        (("Maria José García Muñoz",), "", "José  GARCÍA Muñoz"),
        (("Alice",), "123456789012", "123456789012"),
        (("Alice",), "9123456789012", ""),
        (("solo",), "", "Solo"),
        (("Han Solo",), "", ""),
        (("ours",), "", ""),
    ],
)
def test_the_list_matches_whole_names_and_addresses(
    blacklist: Path, names: tuple[str, ...], destination: str, hit: str
) -> None:
    assert ListScreening().screen(Payee(names, ("ES",), destination)) == hit


def test_a_changed_list_counts_at_once(blacklist: Path) -> None:
    assert ListScreening().screen(Payee(("Alice Ärmel",), (), "")) == ""
    blacklist.write_text("Ärmel, Alice\n", "utf-8")
    assert ListScreening().screen(Payee(("Alice Ärmel",), (), "")) == "Ärmel, Alice"


# --- payouts --------------------------------------------------------------------------------------


def test_every_answer_is_a_row(alice: User, finance: User) -> None:
    payout = requested(alice)
    assert list(payout.screenings.order_by("provider").values_list("provider", "hit", "reason")) == [
        ("embargoes", False, ""),
        ("list", False, ""),
    ]
    assert approve_payout(payout, by=finance).state == "approved"
    assert {"F35", "F36"} & set(broken()) == set()


def test_a_hit_holds_the_payout_and_tells_the_payee_nothing(
    blacklist: Path, alice: User, finance: User, admin: User, client_for: object
) -> None:
    payout = requested(alice)
    journals = Journal.objects.count()
    with pytest.raises(PayoutRefused, match="The screening has something against it: list: 123456789012"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, payout.problem, Journal.objects.count()) == ("requested", "", journals)
    api = client_for(alice).get("/api/v1/payouts/").json()  # type: ignore[operator]
    assert "creening" not in str(api)
    clear_doubts(payout, by=finance, why="Another Alice: born 1985, passport seen")
    assert approve_payout(payout, by=admin).state == "approved"
    assert {"F33", "F35", "F36"} & set(broken()) == set()


def test_a_seller_in_a_country_under_an_embargo_is_held(alice: User, finance: User) -> None:
    alice.country = "IR"
    alice.save(update_fields=["country"])
    with pytest.raises(PayoutRefused, match="embargoes: IR: operator may allow"):
        approve_payout(requested(alice), by=finance)


def test_until_a_provider_has_answered_nothing_is_approved(
    slow: type[Slow], monkeypatch: pytest.MonkeyPatch, alice: User, finance: User
) -> None:
    payout = requested(alice)
    assert slow.asked == []
    with pytest.raises(PayoutRefused, match="has not answered yet: slow"):
        approve_payout(payout, by=finance)
    monkeypatch.setattr(slow, "down", True)
    work.screen_payees()
    with pytest.raises(PayoutRefused, match="has not answered yet: slow"):
        approve_payout(payout, by=finance)
    monkeypatch.setattr(slow, "down", False)
    work.screen_payees()
    work.screen_payees()
    assert len(slow.asked) == 2
    assert slow.asked[-1] == Payee(("Alice", "Alice Ärmel"), ("IN",), "123456789012")
    assert approve_payout(payout, by=finance).state == "approved"


def test_a_late_hit_holds_it_too(slow: type[Slow], monkeypatch: pytest.MonkeyPatch, alice: User, finance: User) -> None:
    payout = requested(alice)
    monkeypatch.setattr(slow, "answer", "on a list")
    work.screen_payees()
    with pytest.raises(PayoutRefused, match="slow: on a list"):
        approve_payout(payout, by=finance)
    assert Screening.objects.get(hit=True).payout == payout


def test_a_list_that_cannot_be_read_stops_payouts_and_is_a_warning_at_the_start(
    settings: Settings, tmp_path: Path, alice: User, finance: User
) -> None:
    settings.SCREENING_LIST = str(tmp_path / "missing.txt")
    payout = requested(alice)
    with pytest.raises(PayoutRefused, match="has not answered yet: list"):
        approve_payout(payout, by=finance)
    assert "payments.W004" in {found.id for found in run_checks()}


def test_an_unknown_provider_is_an_error(settings: Settings) -> None:
    settings.SCREENING_PROVIDERS = ["nonsense"]
    with pytest.raises(ImproperlyConfigured, match="neither built in"):
        registry.active()
    assert "payments.E004" in {found.id for found in run_checks()}


# --- refunds in coin ------------------------------------------------------------------------------


def waiting_refund(paid: Open, lines: list[LineDraft], by: User) -> Refund:
    payment = paid(lines, processor="coinbox")
    refund = request_refund(payment=payment, ref="A1", reason="withdrawn", by=by)
    run_operations()
    return refund


def test_the_address_of_a_refund_is_screened_before_coins_leave(
    blacklist: Path, paid: Open, scarf_in_coin: list[LineDraft], bob: User, finance: User
) -> None:
    refund = waiting_refund(paid, scarf_in_coin, finance)
    refund = give_refund_address(refund, destination="123456789012")
    case = Case.objects.get(kind=Case.Kind.SCREENED)
    assert (case.ref, case.detail) == (str(refund.pk), {"reason": "123456789012"})
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    with pytest.raises(RefundRefused, match="something against the address"):
        sent_by_hand(refund, by=finance, reference="tx1")
    refund.refresh_from_db()
    assert (refund.state, refund.processor_ref) == ("requested", "")
    assert "F36" not in broken()


def test_a_refund_to_a_plain_address_goes_its_way(
    paid: Open, scarf_in_coin: list[LineDraft], bob: User, finance: User
) -> None:
    refund = give_refund_address(waiting_refund(paid, scarf_in_coin, finance), destination="an address")
    assert refund.screenings.filter(hit=False).count() == 2
    decisions.refuse_unscreened_refund(refund)
    assert not Case.objects.filter(kind=Case.Kind.SCREENED).exists()
