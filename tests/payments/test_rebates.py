"""Rebates: half of what a window saved, for completed orders, and never for who orders and refunds."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from fx.models import Conversion, Window, WindowNet
from fx.money import Money
from marketplace.models import User
from payments.holds import Release, release_all
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.rebates import rebates_of
from payments.models import Journal, Payment, Rebate
from payments.netting.rebates import due_rebates, pay_rebate
from payments.netting.windows import close_window
from payments.services import LineDraft, refresh_payment, request_refund
from tests.conftest import make_user
from tests.payments.conftest import Open, work
from tests.payments.netting import converted, known
from tests.payments.pocket import FarEnd
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
NOTHING = Money(0, "INR")
# INR 2,500.00 of either way are matched: EUR 23.80 at mid, of which trades would have cost 9 cents each way. Half
# of the one that is the scarf's is 4.5 cents, or 4.725 rupees.
REBATE = Money(472, "INR")


@pytest.fixture(autouse=True)
def live(settings: Settings, far: FarEnd) -> None:
    settings.NETTING_MODE = "live"
    settings.PROCESSORS["pocket"]["settlement_currencies"] = ["EUR"]


def opposite(since: int = 900) -> None:
    """Somebody pays in rupees for what is priced in euros."""
    carmen = make_user(f"carmen{since}@example.com", country="MX", currency="EUR")
    converted([(Money(250_000, "INR"), Money(2_400, "EUR"))], carmen, since=since)


def close() -> Window:
    known({"INR": "105"})  # newer than what the quotes of these tests stand on
    window = close_window(coins=False, reason=Window.Reason.PERSON)
    assert window is not None
    return window


def complete(payment: Payment, seller: User, ref: str = "A1", held: int = 250_000) -> None:
    money = Money(held, "INR")
    release_all([Release(ref, payment, seller, held=money, commission=NOTHING, processing=NOTHING)])


def refund(payment: Payment, goods: int | None = None, ref: str = "A1") -> None:
    parts = None if goods is None else {"goods": Money(goods, "INR"), "shipping": NOTHING}
    request_refund(payment=payment, ref=ref, reason="agreement", parts=parts)
    work()


def rebate_of(ref: str) -> Money | None:
    """As the fee sheet says it: by the books."""
    return rebates_of([ref]).get(ref)


def spent() -> Money:
    return balance(codes.expense("rebate", "EUR"))


def payable(seller: User) -> Money:
    return balance(codes.seller(seller.pk, "INR"))


def platform() -> dict[str, int]:
    """What the platform earned, spent and has open, in each currency: its own money, were all of it booked."""
    own: dict[str, int] = {}
    for code, currency, amount in Journal.objects.values_list(
        "entries__account__code", "entries__account__currency", "entries__amount"
    ):
        if code.startswith(("income:", "expense:", "fx:")):
            own[currency] = own.get(currency, 0) - amount
    return {currency: amount for currency, amount in own.items() if amount}


def test_an_order_that_was_completed_before_has_its_rebate_once(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf)
    opposite()
    complete(payment, alice)
    close()
    assert (rebate_of("A1"), Rebate.objects.count()) == (None, 0)
    [conversion] = due_rebates()
    pay_rebate(conversion)
    pay_rebate(conversion)
    assert (rebate_of("A1"), due_rebates()) == (REBATE, [])
    assert (payable(alice), spent()) == (Money(250_000, "INR") + REBATE, Money(5, "EUR"))
    [crossing] = Conversion.objects.filter(window=None, journal_key__startswith="rebate:")
    assert (crossing.sell, crossing.buy, crossing.counted) == (Money(5, "EUR"), REBATE, True)  # the next window has it


def test_an_order_that_is_completed_later_has_it_with_its_release(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf)
    opposite()
    close()
    assert (due_rebates(), rebate_of("A1")) == ([], None)
    complete(payment, alice)
    assert (rebate_of("A1"), payable(alice), due_rebates()) == (REBATE, Money(250_472, "INR"), [])


def test_a_debt_is_paid_by_it_first(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    opposite()
    complete(payment, alice)
    refund(payment, goods=300)
    close()
    pay_rebate(due_rebates()[0])
    assert balance(codes.seller_debt(alice.pk, "INR")) == NOTHING
    assert payable(alice) == Money(250_000 - 300 + 471, "INR")


def test_in_shadow_there_is_none(settings: Settings, paid: Open, scarf: list[LineDraft], alice: User) -> None:
    settings.NETTING_MODE = "shadow"
    payment = paid(scarf)
    opposite()
    complete(payment, alice)
    close()
    assert (due_rebates(), rebate_of("A1"), spent()) == ([], None, Money(0, "EUR"))


def test_what_went_back_before_the_release_has_none_of_it(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    opposite()
    close()
    refund(payment, goods=125_000)
    assert rebate_of("A1") is None
    complete(payment, alice, held=125_000)
    assert rebate_of("A1") == Money(236, "INR")


def test_split_refunds_take_it_back_in_proportion_to_the_last_unit(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf)
    opposite()
    close()
    complete(payment, alice)
    refund(payment, goods=63_333)
    assert (rebate_of("A1"), spent()) == (Money(352, "INR"), Money(4, "EUR"))
    refund(payment, goods=126_666)
    assert (rebate_of("A1"), spent()) == (Money(113, "INR"), Money(2, "EUR"))
    refund(payment)
    assert (rebate_of("A1"), spent()) == (None, Money(0, "EUR"))
    owed = payable(alice) - balance(codes.seller_debt(alice.pk, "INR"))
    assert owed == NOTHING
    assert platform() == {"INR": 250_000, "EUR": -2_400}  # the opposite flow alone


@pytest.mark.parametrize("when", ["before the release", "after it", "in parts"])
@pytest.mark.parametrize("closed", ["before the refund", "after it", "never"])
def test_a_buyer_and_a_seller_in_league_earn_nothing(
    opened: Open, far: FarEnd, alice: User, bob: User, when: str, closed: str
) -> None:
    """Order, complete, refund, again and again: the platform has what it had, to the unit of each currency."""
    opposite()
    before = platform()
    for number in range(1, 5):
        payment = _buy(opened, far, alice, f"A{number}")
        if closed == "before the refund":
            close()
        if when != "before the release":
            complete(payment, alice, f"A{number}")
            for conversion in due_rebates():
                pay_rebate(conversion)
        if when == "in parts":
            for goods in (200, 63_333, 99_999):
                refund(payment, goods=goods, ref=f"A{number}")
        refund(payment, ref=f"A{number}")
        if closed == "after it":
            close()
        for conversion in due_rebates():
            pay_rebate(conversion)
    assert (platform(), spent()) == (before, Money(0, "EUR"))
    assert payable(alice) - balance(codes.seller_debt(alice.pk, "INR")) == NOTHING
    assert not Rebate.objects.exclude(booked_minor=0).exists()


def test_a_refund_beside_its_own_capture_saves_nothing_for_a_third_order(
    opened: Open, far: FarEnd, alice: User
) -> None:
    """One order is kept; another comes and goes back to look like an opposite flow. No exchange was saved."""
    kept, decoy = _buy(opened, far, alice, "A1"), _buy(opened, far, alice, "A2")
    complete(kept, alice)
    refund(decoy, ref="A2")
    window = close()
    net = WindowNet.objects.get(window=window, currency="INR")
    assert (net.matched_minor, net.returned_minor, net.saving_minor) == (250_000, 250_000, 0)
    assert (due_rebates(), rebate_of("A1")) == ([], None)


def test_a_refund_of_an_earlier_window_is_a_flow_like_others(opened: Open, far: FarEnd, alice: User) -> None:
    decoy = _buy(opened, far, alice, "A2")
    close()
    _buy(opened, far, alice, "A1")
    refund(decoy, ref="A2")
    net = WindowNet.objects.get(window=close(), currency="INR")
    assert (net.matched_minor, net.returned_minor, net.saving_minor) == (250_000, 0, 18)


@pytest.mark.django_db(transaction=True)
def test_paid_by_eight_at_once_it_is_paid_once(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    opposite()
    complete(payment, alice)
    close()
    [conversion] = due_rebates()
    assert in_threads(8, lambda _number: pay_rebate(conversion)) == []
    assert (rebate_of("A1"), Journal.objects.filter(kind="rebate").count()) == (REBATE, 1)


def _buy(opened: Open, far: FarEnd, seller: User, ref: str) -> Payment:
    """The same scarf as order `ref`."""
    hold = codes.hold(ref, "INR")
    lines = [
        LineDraft(ref, "goods", seller, hold, Money(190_000, "INR"), Money(1_900, "EUR")),
        LineDraft(ref, "shipping", seller, hold, Money(60_000, "INR"), Money(601, "EUR")),
    ]
    payment = opened(lines, ref=f"C{ref}")
    work()
    payment.refresh_from_db()
    far.pay(payment.processor_ref)
    refresh_payment(payment.pk)
    payment.refresh_from_db()
    return payment
