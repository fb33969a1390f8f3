"""A refund of coin by the terms that were agreed before paying: its value, or the coins until their window closes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import Error, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from fx.models import Conversion, Quote, Rate, RateSet
from fx.money import Money
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments.errors import PaymentRefused, RefundRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.machine import apply
from payments.models import Payment, Refund, RefundPrice
from payments.processors.base import Outcome, Update
from payments.refunds.refundable import Parts, Take, _left, take
from payments.services import LineDraft, give_refund_address, lock_price, request_refund, sent_by_hand
from tests.payments.conftest import Open, work
from tests.payments.pocket import FarEnd
from tests.payments.test_payment import books

pytestmark = pytest.mark.django_db
Bought = Callable[..., Payment]


@pytest.fixture(autouse=True)
def rates(settings: Settings, far: FarEnd) -> None:
    """The demo's rates; the coins themselves go back for a day."""
    refresh_rates()
    settings.PROCESSORS["coinbox"]["refund_window_hours"] = 24


@pytest.fixture
def bought(opened: Open, scarf_in_coin: list[LineDraft]) -> Bought:
    """Bob pays BTC 0.00030000 for EUR 19.00 on the chosen terms."""

    def make(terms: str = "value", received: int = 30000) -> Payment:
        payment = opened(scarf_in_coin, processor="coinbox", amount=Money(1900, "EUR"), refund_terms=terms)
        work()
        apply(Update("payment", "payment_1", Outcome.SUCCEEDED, Money(received, "BTC")), processor="coinbox")
        payment.refresh_from_db()
        moved(100)  # the latest set, after the quote's
        return payment

    return make


def moved(percent: int) -> None:
    """A new set of rates in which a coin costs `percent` of what it did."""
    first = Rate.objects.filter(currency="BTC").order_by("pk")[0].rate_set
    made = RateSet.objects.create()
    for rate in first.rates.all():
        per_eur = rate.per_eur * 100 / percent if rate.currency == "BTC" else rate.per_eur
        Rate.objects.create(
            rate_set=made, currency=rate.currency, per_eur=per_eur, source=rate.source, as_of=now(), good_until=None
        )


def ready(payment: Payment, parts: Parts | None = None) -> Refund:
    refund = request_refund(payment=payment, ref="A1", reason="refund", parts=parts)
    return give_refund_address(refund, destination="bcrt1qexample")


def sent(refund: Refund, finance: User, reference: str = "txid") -> Refund:
    sent_by_hand(refund, by=finance, reference=reference)
    refund.refresh_from_db()
    return refund


def test_by_value_the_buyer_is_owed_euros_and_gets_the_coins_that_they_are_worth_now(
    bought: Bought, finance: User
) -> None:
    payment = bought()
    refund = ready(payment)
    assert (refund.owed, refund.amount, refund.is_priced) == (Money(1900, "EUR"), Money(30000, "BTC"), False)
    price = lock_price(refund, by=finance)
    worth = current_rates().convert(Money(1900, "EUR"), "BTC")
    assert (price.sends, price.value_minor, price.locked_by) == (worth, 1900, finance)
    refund.refresh_from_db()
    refund = sent(refund, finance)
    assert (refund.state, refund.sends) == ("succeeded", worth)
    left = 30000 - worth.amount
    assert books() == ({"clearing:coinbox:BTC": left, "fx:BTC": left} if left else {})
    there, back = Conversion.objects.order_by("id")
    assert (there.sell, there.buy) == (Money(30000, "BTC"), Money(190000, "INR"))
    assert (back.sell, back.buy) == (Money(190000, "INR"), worth)


@pytest.mark.parametrize("percent", [50, 200])
def test_the_platforms_position_bears_what_the_coin_did_meanwhile_and_the_seller_nothing(
    bought: Bought, finance: User, alice: User, percent: int
) -> None:
    refund = ready(bought())
    before = current_rates().convert(Money(1900, "EUR"), "BTC").amount
    moved(percent)
    price = lock_price(refund, by=finance)
    assert abs(price.sends_minor - before * 100 // percent) <= 1
    sent(refund, finance)
    left = 30000 - price.sends_minor
    assert books() == {"clearing:coinbox:BTC": left, "fx:BTC": left}
    assert balance(codes.hold("A1", "INR")) == Money(0, "INR")


def test_a_price_holds_for_an_hour_and_is_then_made_anew(bought: Bought, finance: User) -> None:
    refund = ready(bought())
    first = lock_price(refund, by=finance)
    moved(50)
    with shifted(minutes=59):
        assert lock_price(refund, by=finance) == first
    with shifted(minutes=60):
        second = lock_price(refund, by=finance)
    assert second != first
    assert RefundPrice.objects.count() == 2
    refund.refresh_from_db()
    assert refund.sends == second.sends


def test_without_a_price_nothing_is_sent(bought: Bought, finance: User) -> None:
    refund = ready(bought())
    before = books()
    with pytest.raises(RefundRefused, match="Lock the amount of coin first"):
        sent_by_hand(refund, by=finance, reference="txid")
    assert (Refund.objects.get().state, books()) == ("requested", before)


def test_while_a_rate_is_missing_or_disputed_the_refund_waits_and_nothing_is_lost(
    bought: Bought, finance: User
) -> None:
    refund = ready(bought())
    before = books()
    Rate.objects.filter(currency="BTC").update(disputed=True)
    with pytest.raises(RefundRefused, match="no trusted rate for BTC now. The refund waits, nothing is lost"):
        lock_price(refund, by=finance)
    assert not RefundPrice.objects.exists()
    assert books() == before
    Rate.objects.filter(currency="BTC").update(disputed=False)
    assert lock_price(refund, by=finance).sends_minor


def test_nothing_is_priced_before_there_is_an_address(bought: Bought, finance: User) -> None:
    refund = request_refund(payment=bought(), ref="A1", reason="refund")
    with pytest.raises(RefundRefused, match="not ready to be sent: Needs an address"):
        lock_price(refund, by=finance)


def test_the_coins_themselves_go_back_until_their_window_closes_and_then_their_value(
    bought: Bought, finance: User
) -> None:
    payment = bought("coin")
    assert payment.captured_at is not None
    moved(50)
    with shifted(hours=23, minutes=59):
        first = ready(payment, {"goods": Money(95000, "INR")})
        assert (first.owed, first.value_minor) == (Money(15000, "BTC"), None)
        with pytest.raises(RefundRefused, match=r"gives back what was paid: 0\.00015000 BTC"):
            lock_price(first, by=finance)
    with shifted(hours=24, minutes=1):
        rest = ready(payment)
        assert rest.owed == Money(950, "EUR")
        price = lock_price(rest, by=finance)
        assert price.sends == current_rates().convert(Money(950, "EUR"), "BTC")
        assert price.sends_minor > 15000
        sent(first, finance, "txid 1")
        rest.refresh_from_db()
        sent(rest, finance, "txid 2")
    assert balance(codes.hold("A1", "INR")) == Money(0, "INR")
    assert trial_balance() == {}


def test_the_terms_are_not_changed_after_paying(bought: Bought) -> None:
    payment = bought()
    with pytest.raises(Error, match="were agreed before it was paid"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refund_terms="original")
    with pytest.raises(Error, match="were agreed before it was paid"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refund_terms="coin", coin_window_hours=24)


def test_terms_that_do_not_exist_open_no_payment(
    opened: Open, scarf_in_coin: list[LineDraft], settings: Settings
) -> None:
    for terms in ("original", "both"):
        with pytest.raises(PaymentRefused, match="are no terms of a refund"):
            opened(scarf_in_coin, processor="coinbox", amount=Money(1900, "EUR"), refund_terms=terms)
        Quote.objects.all().delete()
    settings.PROCESSORS["coinbox"]["refund_window_hours"] = 0
    with pytest.raises(PaymentRefused, match="at their value only"):
        opened(scarf_in_coin, processor="coinbox", amount=Money(1900, "EUR"), refund_terms="coin")
    assert not Payment.objects.exists()


def test_a_card_has_no_terms_to_choose(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    assert (payment.refund_terms, payment.coin_until) == ("original", None)
    assert request_refund(payment=payment, ref="A1", reason="refund").owed == Money(2976, "EUR")


def test_who_paid_a_little_less_has_no_more_coins_back_than_came(bought: Bought, finance: User) -> None:
    payment = bought("coin", received=29_900)
    first, rest = ready(payment, {"goods": Money(63_333, "INR")}), ready(payment)
    assert first.sends.amount + rest.sends.amount == 29_900
    sent(first, finance, "txid 1")
    sent(rest, finance, "txid 2")
    assert books() == {}


def test_an_address_is_changed_until_the_coins_are_about_to_leave(bought: Bought, finance: User) -> None:
    refund = ready(bought())
    refund = give_refund_address(refund, destination="bcrt1qother")
    assert refund.destination == "bcrt1qother"
    assert refund.screenings.count() == 2
    lock_price(refund, by=finance)
    with pytest.raises(RefundRefused, match="does not wait for an address any more"):
        give_refund_address(refund, destination="bcrt1qlate")
    refund.refresh_from_db()
    sent(refund, finance)
    with pytest.raises(RefundRefused, match="does not wait for an address any more"):
        give_refund_address(refund, destination="bcrt1qlate")


def test_an_address_of_somebody_else_is_not_taken(
    bought: Bought, opened: Open, scarf_in_coin: list[LineDraft], alice: User, bob: User
) -> None:
    refund = ready(bought())
    quote = opened(scarf_in_coin, processor="coinbox", amount=Money(1900, "EUR"), user=alice, ref="C2")
    other = Refund.objects.create(
        payment=quote, reason="x", currency="BTC", amount_minor=1, state="failed", destination="BC1QALICE"
    )
    with pytest.raises(RefundRefused, match="This address cannot be taken"):
        give_refund_address(refund, destination="bc1qalice")
    Payment.objects.filter(pk=other.payment_id).update(user=bob)
    assert give_refund_address(refund, destination="bc1qalice").destination == "bc1qalice"  # both are Bob's


# --- any number of parts ----------------------------------------------------------------------------


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    targets=st.lists(st.integers(1, 10**7), min_size=1, max_size=2),
    pays=st.lists(st.integers(1000, 10**8), min_size=2, max_size=2),
    values=st.lists(st.integers(1, 10**6), min_size=2, max_size=2),
    cuts=st.lists(st.integers(0, 100), max_size=4),
)
def test_any_number_of_parts_adds_up_to_the_value_of_the_order_to_the_unit(
    opened: Open, alice: User, targets: list[int], pays: list[int], values: list[int], cuts: list[int]
) -> None:
    with transaction.atomic():
        parts = list(zip(("goods", "shipping"), targets, pays, values, strict=False))
        hold = codes.hold("A1", "INR")
        lines = [
            LineDraft("A1", name, alice, hold, Money(target, "INR"), Money(pay, "BTC"), Money(value, "EUR"))
            for name, target, pay, value in parts
        ]
        whole = Money(sum(value for *_, value in parts), "EUR")
        payment = opened(lines, processor="coinbox", amount=whole)
        given_back = 0
        for cut in cuts:
            asked = {name: Money(target * cut // 500, "INR") for name, target, *_ in parts}
            given_back += _take(payment, asked)
            assert given_back <= whole.amount
        assert given_back + _take(payment, None) == whole.amount
        transaction.set_rollback(True)


def _take(payment: Payment, parts: Parts | None) -> int:
    """What a refund of these is worth; kept as a refund's lines, so that the next one counts it."""
    try:
        taken = take(_left(payment), parts)
    except RefundRefused:
        return 0
    refund = Refund.objects.create(
        payment=payment, ref="A1", reason="x", currency="BTC", amount_minor=1, state="failed"
    )
    for one in taken:
        _keep(refund, one)
    return sum(one.value.amount for one in taken)


def _keep(refund: Refund, one: Take) -> None:
    refund.lines.create(
        line=one.line,
        account=one.line.account,
        target_minor=one.target.amount,
        pay_minor=one.pay.amount,
        value_minor=one.value.amount,
    )
