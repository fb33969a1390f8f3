"""Refunds in parts: exact per component, to the unit over any number of them, and from the seller once released."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fx.models import Conversion, Quote
from fx.money import Money, MoneyError
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments.errors import ReleaseRefused
from payments.holds import KeepBack, Release, release_all
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Payment, PaymentLine, Refund, RefundLine, Reserve
from payments.refunds.refundable import Left, held_left, left, take
from payments.sellers import reserves
from payments.services import LineDraft, RefundRefused, request_refund, retry_refund
from tests.payments.conftest import Open, work
from tests.payments.pocket import FarEnd
from tests.payments.test_payment import books

pytestmark = pytest.mark.django_db


def inr(minor: int) -> Money:
    return Money(minor, "INR")


def released(payment: Payment, seller: User, held: int, **how: KeepBack) -> None:
    """Without commission or fee."""
    release_all([Release("A1", payment, seller, held=inr(held), commission=inr(0), processing=inr(0), **how)])


def part(payment: Payment, **parts: int) -> Refund:
    return request_refund(
        payment=payment, ref="A1", reason="refund", parts={name: inr(minor) for name, minor in parts.items()}
    )


def test_a_part_goes_back_at_the_original_rate_with_its_share_of_the_tax(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    refund = part(payment, goods=95_000)
    work()
    lines = {line.line.component: (line.target_minor, line.pay_minor) for line in refund.lines.select_related("line")}
    # 95,000 of 250,000 held: half of the goods' EUR 19.00, and 475 * 95,000 / 250,000 = 180.5 of the tax
    assert lines == {"goods": (95_000, 950), "tax": (180, 180)}
    assert refund.amount == Money(1130, "EUR")
    assert balance(codes.hold("A1", "INR")) == inr(155_000)
    assert balance(codes.tax("IOSS", "DE", "EUR")) == Money(295, "EUR")
    row = Conversion.objects.get(journal_key=f"refund:{refund.pk}:1")
    assert (row.sell, row.buy) == (inr(95_000), Money(950, "EUR"))
    assert trial_balance() == {}


def test_many_parts_sum_to_what_was_paid_to_the_unit(paid: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = paid(scarf)
    for minor in (33_333, 33_333, 33_333, 90_001):
        part(payment, goods=minor)
    part(payment, shipping=59_999)
    part(payment, shipping=1)
    work()
    assert sum(refund.amount_minor for refund in Refund.objects.all()) == 2976
    assert sum(thing.money.amount for thing in far.refunds()) == 2976
    assert books() == {}
    with pytest.raises(RefundRefused, match="goes back already"):
        request_refund(payment=payment, ref="A1", reason="refund")


def test_the_rest_is_what_is_left_of_every_line(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    part(payment, goods=101, shipping=101)
    assert dict(held_left(payment, "A1")) == {"goods": inr(189_899), "shipping": inr(59_899)}
    rest = request_refund(payment=payment, ref="A1", reason="refund")
    work()
    assert rest.amount_minor == 2976 - sum(r.amount_minor for r in Refund.objects.exclude(pk=rest.pk))
    assert books() == {}


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"goods": inr(190_001)}, "Of goods only 1900.00 INR can still go back, not 1900.01 INR"),
        ({"shipping": inr(-1)}, "Of shipping only 600.00 INR can still go back, not -0.01 INR"),
        ({"goods": inr(0)}, "Say how much goes back"),
        ({"goods": inr(1)}, "at least the smallest unit"),  # a hundredth of a cent
        ({"insurance": inr(1)}, "Nothing was paid for insurance"),
    ],
)
def test_what_is_not_left_is_refused_and_nothing_moves(
    paid: Open, scarf: list[LineDraft], parts: dict[str, Money], why: str
) -> None:
    payment = paid(scarf)
    before = books()
    with pytest.raises(RefundRefused, match=why):
        request_refund(payment=payment, ref="A1", reason="refund", parts=parts)
    with pytest.raises(MoneyError):
        request_refund(payment=payment, ref="A1", reason="refund", parts={"goods": Money(1, "EUR")})
    assert (Refund.objects.count(), RefundLine.objects.count(), books()) == (0, 0, before)


def test_a_part_that_failed_is_still_owed(
    paid: Open, scarf: list[LineDraft], far: FarEnd, alice: User, bob: User
) -> None:
    payment = paid(scarf)
    far.things["payment_1"].back = 2976
    refund = part(payment, goods=95_000)
    work()
    refund.refresh_from_db()
    assert refund.state == "failed"
    with pytest.raises(RefundRefused, match="only 950.00 INR can still go back"):
        part(payment, goods=95_001)
    with pytest.raises(ReleaseRefused, match=r"1550.00 INR is held, not 2500.00 INR"):
        released(payment, alice, 250_000)
    far.things["payment_1"].back = 0
    retry_refund(refund, by=bob)
    work()
    assert balance(codes.hold("A1", "INR")) == inr(155_000)


def test_only_what_stays_is_released_whenever_the_refund_leaves(
    paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf)
    part(payment, goods=95_000)
    released(payment, alice, 155_000)
    assert balance(codes.hold("A1", "INR")) == inr(95_000)
    work()
    assert balance(codes.hold("A1", "INR")) == inr(0)
    assert balance(codes.seller(alice.pk, "INR")) == inr(155_000)


# --- after release ------------------------------------------------------------------------------


def test_what_was_released_comes_back_from_the_seller(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    released(payment, alice, 250_000)
    refund = request_refund(payment=payment, ref="A1", reason="refund", commission=inr(1_900))
    work()
    assert refund.amount == Money(2976, "EUR")
    assert books() == {
        "income:commission:INR": -1_900,
        f"seller:{alice.pk}:INR": 250_000,
        f"seller:{alice.pk}:INR:debt": 248_100,
    }
    assert trial_balance() == {}


def test_a_clawback_that_fails_leaves_no_debt(paid: Open, scarf: list[LineDraft], alice: User, far: FarEnd) -> None:
    payment = paid(scarf)
    released(payment, alice, 250_000)
    before = books()
    far.things["payment_1"].back = 2976
    request_refund(payment=payment, ref="A1", reason="refund", commission=inr(1_900))
    work()
    assert books() == before


# --- rolling reserve ----------------------------------------------------------------------------


def test_a_reserve_waits_and_then_is_payable(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    released(payment, alice, 250_000, keep_back=KeepBack(bps=1_000, days=30))
    kept, payable = codes.seller_reserve(alice.pk, "INR"), codes.seller(alice.pk, "INR")
    assert (balance(kept), balance(payable)) == (inr(25_000), inr(225_000))
    row = Reserve.objects.get()
    with shifted(days=29, hours=23):
        assert reserves.due() == []
        assert reserves.free(row.pk) is None
    with shifted(days=30, seconds=1):
        assert reserves.due() == [row.pk]
        assert reserves.free(row.pk) is not None
        assert reserves.free(row.pk) is None
    assert (balance(kept), balance(payable)) == (inr(0), inr(250_000))


def test_a_freed_reserve_pays_an_open_debt_first(paid: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = paid(scarf)
    released(payment, alice, 250_000, keep_back=KeepBack(bps=10_000, days=1))
    request_refund(payment=payment, ref="A1", reason="refund", parts={"goods": inr(95_000)})
    work()
    debt = codes.seller_debt(alice.pk, "INR")
    assert balance(debt) == inr(95_000)
    with shifted(days=2):
        reserves.free(Reserve.objects.get().pk)
    assert (balance(debt), balance(codes.seller(alice.pk, "INR"))) == (inr(0), inr(155_000))


# --- any number of parts ------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(data=st.data(), pay=st.integers(1, 10**9), goods=st.integers(1, 10**9), tax=st.integers(0, 10**7))
def test_no_order_of_parts_gives_back_more_or_less_than_was_paid(
    data: st.DataObject, pay: int, goods: int, tax: int
) -> None:
    """Pure: the lines are changed in memory, and parts are taken until nothing is left."""
    lines = _lines(pay, goods, tax)
    gone = dict.fromkeys(lines, (0, 0, 0))
    while True:
        rows = [Left(line, *gone[line]) for line in lines]
        if not rows[0].target.amount:
            break
        asked = data.draw(st.integers(1, rows[0].target.amount))
        last = asked == rows[0].target.amount
        try:
            taken = take(rows, None if last else {"goods": inr(asked)})
        except RefundRefused:  # less than the smallest unit
            break
        for one in taken:
            target, paid_back, worth = gone[one.line]
            gone[one.line] = (target + one.target.amount, paid_back + one.pay.amount, worth + one.value.amount)
            assert one.pay.amount >= 0
            assert one.value.amount >= 0
            assert gone[one.line][0] <= one.line.target_minor
            assert gone[one.line][1] <= one.line.pay_minor
            assert gone[one.line][2] <= one.line.value_minor
        if last:
            assert gone == {line: (line.target_minor, line.pay_minor, line.value_minor) for line in lines}
            break


def _lines(pay: int, goods: int, tax: int) -> list[PaymentLine]:
    payment = Payment(currency="EUR", amount_minor=pay + tax, quote=Quote(currency="USD"))
    lines = [
        PaymentLine(pk=1, payment=payment, ref="A1", component="goods", account="hold:A1"),
        PaymentLine(pk=2, payment=payment, ref="A1", component="tax", account="tax:IOSS:DE:EUR"),
    ]
    lines[0].target_currency, lines[0].target_minor, lines[0].pay_minor = "INR", goods, pay
    lines[1].target_currency, lines[1].target_minor, lines[1].pay_minor = "EUR", tax, tax
    lines[0].value_minor, lines[1].value_minor = pay // 7, tax // 3
    return lines


def test_left_names_what_was_never_paid(paid: Open, scarf: list[LineDraft]) -> None:
    with pytest.raises(RefundRefused, match="Nothing was paid for B9"):
        left(paid(scarf), "B9")
