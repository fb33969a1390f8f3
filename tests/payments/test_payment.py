"""From a quote to held money: what each piece of news does, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fx.models import Conversion
from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments import booking
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import posted
from payments.machine import Change, apply
from payments.models import Account, Case, Journal, Operation, Payment, PaymentLine
from payments.processors.base import Outcome, Update
from payments.services import (
    LineDraft,
    PaymentRefused,
    close_payment,
    due_operations,
    give_refund_address,
    open_payment,
    refresh_payment,
    run_operation,
    sent_by_hand,
)
from tests.payments.conftest import Open, states, work
from tests.payments.pocket import FarEnd
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
State = Payment.State


def update(payment: Payment, outcome: Outcome, amount: int | None = None, **more: Any) -> Update:
    money = None if amount is None else Money(amount, payment.currency)
    return Update("payment", payment.processor_ref, outcome, money, **more)


def books() -> dict[str, int]:
    """Balances that are not zero, positive on the normal side."""
    found = {}
    for account in Account.objects.order_by("code"):
        there = balance(codes.parse(account.code, account.currency)).amount
        if there:
            found[account.code] = there
    return found


def created(payment: Payment) -> Payment:
    work()
    payment.refresh_from_db()
    return payment


def test_opening_writes_rows_and_calls_nobody(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = opened(scarf)
    assert (payment.state, payment.amount) == (State.CREATED, Money(2976, "EUR"))
    assert states() == {"create": "ready"}
    assert far.calls == []
    assert Journal.objects.count() == 0


def test_a_double_click_opens_one_payment(opened: Open, scarf: list[LineDraft]) -> None:
    payment = opened(scarf)
    again = open_payment(
        quote=payment.quote,
        user=payment.user,
        ref="C1",
        processor="pocket",
        lines=scarf,
        return_url=payment.return_url,
        expires_at=payment.expires_at,
    )
    assert again.pk == payment.pk
    assert (Payment.objects.count(), Operation.objects.count()) == (1, 1)
    with pytest.raises(PaymentRefused, match="already pays C1 by pocket"):
        open_payment(
            quote=payment.quote,
            user=payment.user,
            ref="C2",
            processor="pocket",
            lines=scarf,
            return_url=payment.return_url,
            expires_at=payment.expires_at,
        )


def test_lines_that_do_not_add_up_to_the_quote_are_refused(opened: Open, scarf: list[LineDraft], alice: User) -> None:
    payment = opened(scarf)
    wrong = LineDraft("A1", "duty", None, codes.duty("post", "EUR"), Money(5, "EUR"), Money(4, "EUR"))
    with pytest.raises(PaymentRefused, match="cannot become"):
        opened([wrong], ref="C2")
    assert Payment.objects.get() == payment


def test_creating_binds_the_processors_reference(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    assert (payment.state, payment.processor_ref) == (State.PENDING, "payment_1")
    assert states() == {"create": "done"}
    assert far.calls == ["create"]


def test_a_capture_becomes_what_each_line_says(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf, fee=110)
    assert (payment.state, payment.received_minor, payment.fee_minor) == (State.CAPTURED, 2976, 110)
    assert books() == {
        "clearing:pocket:EUR": 2976 - 110,
        "expense:pocket:EUR": 110,
        "fx:EUR": 2501,
        "fx:INR": -250000,
        "hold:A1": 250000,
        "tax:IOSS:DE:EUR": 475,
    }
    conversion = Conversion.objects.get()
    assert (conversion.sell_minor, conversion.sell_currency) == (2501, "EUR")
    assert (conversion.buy_minor, conversion.buy_currency) == (250000, "INR")
    assert (conversion.ref, conversion.journal_key) == ("A1", f"capture:{payment.pk}")


def test_the_fee_may_come_later_and_is_booked_once(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf)
    fee = Money(110, "EUR")
    for _ in range(3):
        apply(update(payment, Outcome.SUCCEEDED, 2976, fee=fee), processor="pocket")
    assert balance(codes.expense("pocket", "EUR")) == fee
    apply(update(payment, Outcome.SUCCEEDED, 2976, fee=Money(111, "EUR")), processor="pocket")
    assert balance(codes.expense("pocket", "EUR")) == fee
    assert Case.objects.get().kind == Case.Kind.AMOUNT


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.ACTION, Outcome.AUTHORIZED])
def test_news_from_before_the_capture_is_old(paid: Open, scarf: list[LineDraft], outcome: Outcome) -> None:
    payment = paid(scarf)
    before = books()
    assert apply(update(payment, outcome, 0), processor="pocket") is None
    assert apply(update(payment, Outcome.SUCCEEDED, 2976), processor="pocket") is None
    payment.refresh_from_db()
    assert (payment.state, books(), Case.objects.count()) == (State.CAPTURED, before, 0)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.FAILED, Case.Kind.CONTRADICTION),
        (Outcome.CANCELED, Case.Kind.CONTRADICTION),
        (Outcome.EXPIRED, Case.Kind.CONTRADICTION),
        (Outcome.REVERSED, Case.Kind.REVERSED),
    ],
)
def test_what_contradicts_a_capture_waits_for_a_person(
    paid: Open, scarf: list[LineDraft], outcome: Outcome, kind: str
) -> None:
    payment = paid(scarf)
    before = books()
    for _ in range(2):
        assert apply(update(payment, outcome), processor="pocket") is None
    payment.refresh_from_db()
    assert (payment.state, books()) == (State.CAPTURED, before)
    assert [(case.kind, case.ref) for case in Case.objects.all()] == [(kind, "payment_1")]


@pytest.mark.parametrize(
    ("money", "kind"),
    [
        (Money(2975, "EUR"), Case.Kind.AMOUNT),
        (Money(2976, "USD"), Case.Kind.CURRENCY),
        (Money(-1, "EUR"), Case.Kind.AMOUNT),
        (None, Case.Kind.AMOUNT),
    ],
)
def test_another_amount_than_the_payments_is_not_believed(
    opened: Open, scarf: list[LineDraft], money: Money | None, kind: str
) -> None:
    payment = created(opened(scarf))
    news = Update("payment", "payment_1", Outcome.SUCCEEDED, money)
    assert apply(news, processor="pocket") is None
    payment.refresh_from_db()
    assert (payment.state, books()) == (State.PENDING, {})
    assert Case.objects.get().kind == kind


def test_a_reference_of_another_payment_is_not_believed(opened: Open, scarf: list[LineDraft], alice: User) -> None:
    first = created(opened(scarf))
    other = LineDraft("B1", "goods", alice, codes.hold("B1", "EUR"), Money(5, "EUR"), Money(5, "EUR"))
    second = created(opened([other], ref="C2"))
    forged = Update("payment", first.processor_ref, Outcome.SUCCEEDED, Money(5, "EUR"), key=f"create:{second.pk}")
    assert apply(forged, processor="pocket") is None
    assert apply(update(second, Outcome.SUCCEEDED, 5), processor="coinbox") is None
    assert {case.kind for case in Case.objects.all()} == {Case.Kind.BINDING, Case.Kind.STRANGER}
    assert books() == {}


def test_news_about_nothing_of_ours_opens_one_case() -> None:
    for _ in range(2):
        stranger = Update("payment", "pi_other_shop", Outcome.SUCCEEDED, Money(5, "EUR"))
        assert apply(stranger, processor="pocket") is None
    assert Case.objects.get().kind == Case.Kind.STRANGER
    assert books() == {}


def test_a_webhook_that_outruns_the_reply_finds_the_payment_by_our_key(opened: Open, scarf: list[LineDraft]) -> None:
    payment = opened(scarf)
    early = Update("payment", "payment_9", Outcome.SUCCEEDED, payment.amount, key=f"create:{payment.pk}")
    change = apply(early, processor="pocket")
    assert change is not None
    assert (change.was, change.now) == (State.CREATED, State.CAPTURED)
    assert change.payment.processor_ref == "payment_9"


def test_a_declined_card_is_told_and_another_card_pays(opened: Open, scarf: list[LineDraft]) -> None:
    payment = created(opened(scarf))
    apply(update(payment, Outcome.FAILED, message="Your card was declined."), processor="pocket")
    payment.refresh_from_db()
    assert (payment.state, payment.problem) == (State.FAILED, "Your card was declined.")
    change = apply(update(payment, Outcome.SUCCEEDED, 2976), processor="pocket")
    assert change is not None
    assert (change.now, change.payment.problem) == (State.CAPTURED, "")


def test_closing_is_confirmed_by_the_processor(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    first = close_payment(payment, why="not paid in time")
    assert close_payment(payment, why="not paid in time") == first
    payment.refresh_from_db()
    assert payment.state == State.PENDING
    work()
    payment.refresh_from_db()
    assert payment.state == State.CANCELED
    assert far.things["payment_1"].outcome == Outcome.CANCELED
    assert close_payment(payment, why="again") is None


def test_money_that_was_faster_than_the_closing_is_captured(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    far.pay("payment_1")
    close_payment(payment, why="not paid in time")
    work()
    payment.refresh_from_db()
    assert payment.state == State.CAPTURED
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")


def test_a_payment_closed_before_it_was_created_is_never_created(
    opened: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    payment = opened(scarf)
    cancel = close_payment(payment, why="changed my mind")
    assert cancel is not None
    run_operation(cancel.pk)
    work()
    payment.refresh_from_db()
    assert payment.state == State.CANCELED
    assert (far.calls, states()) == ([], {"create": "failed", "cancel": "done"})


def test_a_closing_waits_for_a_creation_whose_outcome_is_unknown(
    opened: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    payment = opened(scarf)
    far.lose = 1
    work()
    cancel = close_payment(payment, why="not paid in time")
    assert cancel is not None
    run_operation(cancel.pk)
    assert states() == {"create": "unknown", "cancel": "ready"}
    for _ in range(3):
        with shifted(minutes=1):
            work()
    payment.refresh_from_db()
    assert payment.state == State.CANCELED
    assert far.things["payment_1"].outcome == Outcome.CANCELED


def test_late_money_of_a_card_goes_to_suspense_and_back(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    close_payment(payment, why="not paid in time")
    work()
    far.pay("payment_1", fee=60)
    late = update(payment, Outcome.SUCCEEDED, 2976, fee=Money(60, "EUR"))
    change = apply(late, processor="pocket")
    assert change is not None
    assert (change.was, change.now) == (State.CANCELED, State.RETURNING)
    assert apply(late, processor="pocket") is None
    assert books() == {
        "clearing:pocket:EUR": 2916,
        "expense:pocket:EUR": 60,
        "suspense:pocket:EUR": 2976,
    }
    work()
    payment.refresh_from_db()
    assert payment.state == State.RETURNED
    assert books() == {"clearing:pocket:EUR": -60, "expense:pocket:EUR": 60}
    assert [thing.money for thing in far.refunds()] == [Money(2976, "EUR")]


def test_a_second_payment_of_the_same_checkout_goes_back(
    paid: Open, opened: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    paid(scarf)
    twice = created(opened(scarf))
    far.pay(twice.processor_ref)
    change = apply(update(twice, Outcome.SUCCEEDED, 2976), processor="pocket")
    assert change is not None
    assert change.now == State.RETURNING
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")
    work()
    assert balance(codes.suspense("pocket", "EUR")) == Money(0, "EUR")


def test_an_authorization_that_comes_after_the_end_is_let_go(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    close_payment(payment, why="not paid in time")
    work()
    far.things["payment_1"].outcome = Outcome.AUTHORIZED
    assert apply(update(payment, Outcome.AUTHORIZED), processor="pocket") is None
    work()
    assert far.things["payment_1"].outcome == Outcome.CANCELED


# --- coin ---------------------------------------------------------------------------------------


def coin(opened: Open, lines: list[LineDraft], **how: object) -> Payment:
    return created(opened(lines, processor="coinbox", amount=Money(1900, "EUR"), **how))


def test_coin_is_seen_then_captured(opened: Open, scarf_in_coin: list[LineDraft]) -> None:
    payment = coin(opened, scarf_in_coin)
    changes = [
        apply(update(payment, outcome, amount), processor="coinbox")
        for outcome, amount in [
            (Outcome.PARTIAL, 0),
            (Outcome.PARTIAL, 10000),
            (Outcome.SEEN, 10000),
            (Outcome.PARTIAL, 0),  # a reorganisation took it back
            (Outcome.SEEN, 0),
            (Outcome.SUCCEEDED, 30000),
        ]
    ]
    assert [change.now if change else None for change in changes] == [
        "partial", None, "seen", "partial", "seen", "captured",
    ]  # fmt: skip
    assert books() == {
        "clearing:coinbox:BTC": 30000,
        "fx:BTC": 30000,
        "fx:INR": -190000,
        "hold:A1": 190000,
    }


@pytest.mark.parametrize(
    ("received", "where"),
    [
        (30000 - 546, {"expense:rounding:BTC": 546}),
        (31000, {"income:rounding:BTC": 1000}),
        (31001, {"buyer:{bob}:BTC": 1001}),
    ],
)
def test_a_little_less_or_more_coin_is_rounding_and_the_rest_the_buyers(
    opened: Open,
    scarf_in_coin: list[LineDraft],
    bob: User,
    received: int,
    where: dict[str, int],
) -> None:
    payment = coin(opened, scarf_in_coin)
    apply(update(payment, Outcome.SUCCEEDED, received), processor="coinbox")
    expected = {code.format(bob=bob.pk): amount for code, amount in where.items()}
    rest = {
        "clearing:coinbox:BTC": received,
        "fx:BTC": 30000,
        "fx:INR": -190000,
        "hold:A1": 190000,
    }
    assert books() == expected | rest


def test_a_guests_excess_waits_in_suspense_and_a_second_transfer_is_excess_too(
    opened: Open, scarf_in_coin: list[LineDraft]
) -> None:
    payment = coin(opened, scarf_in_coin, user=None)
    apply(update(payment, Outcome.SUCCEEDED, 40000), processor="coinbox")
    for _ in range(2):
        apply(update(payment, Outcome.SUCCEEDED, 70000), processor="coinbox")
    assert balance(codes.suspense("coinbox", "BTC")) == Money(40000, "BTC")
    assert balance(codes.clearing("coinbox", "BTC")) == Money(70000, "BTC")
    payment.refresh_from_db()
    assert payment.received_minor == 70000


def test_too_little_coin_at_the_end_is_underpaid_and_waits_for_an_address(
    opened: Open, scarf_in_coin: list[LineDraft], far: FarEnd
) -> None:
    payment = coin(opened, scarf_in_coin)
    far.things["payment_1"].outcome = Outcome.PARTIAL
    far.things["payment_1"].received = Money(20000, "BTC")
    refresh_payment(payment.pk)
    close_payment(payment, why="not paid in time")
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.received_minor) == (State.UNDERPAID, 20000)
    assert books() == {"clearing:coinbox:BTC": 20000, "suspense:coinbox:BTC": 20000}
    refund = payment.refunds.get()
    assert (refund.state, refund.amount_minor, refund.ref) == ("needs_address", 20000, "")
    assert Case.objects.get().kind == Case.Kind.OUT_OF_TIME
    change = apply(update(payment, Outcome.SUCCEEDED, 30000), processor="coinbox")
    assert change is not None
    assert change.now == State.LATE
    assert balance(codes.suspense("coinbox", "BTC")) == Money(30000, "BTC")
    assert sorted(payment.refunds.values_list("amount_minor", flat=True)) == [10000, 20000]


def test_late_coin_waits_for_an_address_and_a_person(opened: Open, scarf_in_coin: list[LineDraft], alice: User) -> None:
    payment = coin(opened, scarf_in_coin)
    apply(update(payment, Outcome.EXPIRED, 0), processor="coinbox")
    change = apply(update(payment, Outcome.SUCCEEDED, 30000), processor="coinbox")
    assert change is not None
    assert (change.was, change.now) == (State.EXPIRED, State.LATE)
    refund = give_refund_address(payment.refunds.get(), destination="bcrt1qexample")
    assert refund.state == "requested"
    assert Case.objects.filter(kind=Case.Kind.BY_HAND).count() == 1
    done = sent_by_hand(refund, by=alice, reference="txid")
    assert done is not None
    assert (done.was, done.now) == (State.LATE, State.RETURNED)
    assert books() == {}


def test_seen_coin_is_not_closed(opened: Open, scarf_in_coin: list[LineDraft], far: FarEnd) -> None:
    payment = coin(opened, scarf_in_coin)
    far.things["payment_1"].outcome = Outcome.SEEN
    close_payment(payment, why="not paid in time")
    work()
    payment.refresh_from_db()
    assert payment.state == State.SEEN


# --- any basket ---------------------------------------------------------------------------------

CURRENCIES = ["EUR", "INR", "MXN", "JPY", "KWD"]


@st.composite
def baskets(draw: st.DrawFn) -> tuple[str, list[tuple[str, str, str, int, int]]]:
    """A pay currency and lines of (order, component, target currency, target, pay)."""
    pay = draw(st.sampled_from([*CURRENCIES, "BTC"]))
    lines = []
    for order in range(draw(st.integers(1, 3))):
        held = draw(st.sampled_from(CURRENCIES))
        for component in draw(st.sets(st.sampled_from(["goods", "shipping", "tax", "duty"]), min_size=1)):
            own = component in {"goods", "shipping"}
            currency = held if own else draw(st.sampled_from(CURRENCIES))
            minor = draw(st.integers(0, 10**9))
            target = minor if currency == pay else draw(st.integers(0, 10**9))
            lines.append((f"A{order}", component, currency, target, minor))
    return pay, lines


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(basket=baskets(), over=st.integers(0, 5000))
def test_whatever_is_in_the_basket_the_books_stay_balanced(
    basket: tuple[str, list[tuple[str, str, str, int, int]]], over: int
) -> None:
    pay, drafts = basket
    payment = Payment(processor="pocket", currency=pay, ref="C1")
    payment.amount_minor = sum(minor for *_, minor in drafts)
    lines = [
        PaymentLine(
            payment=payment,
            ref=ref,
            component=component,
            account={
                "goods": f"hold:{ref}",
                "shipping": f"hold:{ref}",
                "tax": f"tax:IOSS:DE:{currency}",
                "duty": f"duty:post:{currency}",
            }[component],
            target_currency=currency,
            target_minor=target,
            pay_minor=minor,
        )
        for ref, component, currency, target, minor in drafts
    ]
    draft = booking.capture(payment, lines, Money(payment.amount_minor + over, pay))
    sums: dict[str, int] = {}
    position: dict[str, int] = {}
    for code, amount in draft.legs:
        sums[code.currency] = sums.get(code.currency, 0) + amount
        if code.kind == "trading":
            position[code.currency] = position.get(code.currency, 0) + amount
    assert all(total == 0 for total in sums.values())
    crossed: dict[str, int] = {}
    for crossing in booking.crossings(payment, lines):
        crossed[crossing.sell.currency] = crossed.get(crossing.sell.currency, 0) - crossing.sell.amount
        crossed[crossing.buy.currency] = crossed.get(crossing.buy.currency, 0) + crossing.buy.amount
    assert {key: value for key, value in position.items() if value} == {
        key: value for key, value in crossed.items() if value
    }


def test_an_empty_trial_balance_after_all_of_it(paid: Open, scarf: list[LineDraft]) -> None:
    payment = paid(scarf, fee=110)
    assert posted(f"capture:{payment.pk}") is not None
    assert trial_balance() == {}


def test_the_follower_runs_in_the_same_transaction(opened: Open, scarf: list[LineDraft], far: FarEnd) -> None:
    payment = created(opened(scarf))
    far.pay("payment_1")

    def broken(change: Change) -> None:
        raise RuntimeError("the order cannot move")

    follow: Callable[[Change], None] = broken
    with pytest.raises(RuntimeError):
        refresh_payment(payment.pk, follow=follow)
    payment.refresh_from_db()
    assert (payment.state, books()) == (State.PENDING, {})
    seen: list[Change] = []
    refresh_payment(payment.pk, follow=seen.append)
    assert [(change.was, change.now) for change in seen] == [("pending", "captured")]


def test_nothing_is_due_when_all_is_done(paid: Open, scarf: list[LineDraft]) -> None:
    paid(scarf)
    assert due_operations() == []


@pytest.mark.django_db(transaction=True)
def test_two_payments_of_one_checkout_that_are_paid_at_once_are_captured_once(
    opened: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    both = [created(opened(scarf)), created(opened(scarf))]

    def pay(index: int) -> None:
        far.pay(both[index].processor_ref)
        refresh_payment(both[index].pk)

    assert in_threads(2, pay) == []
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["captured", "returning"]
    work()
    assert balance(codes.hold("A1", "INR")) == Money(250000, "INR")
    assert balance(codes.suspense("pocket", "EUR")) == Money(0, "EUR")


@pytest.mark.django_db(transaction=True)
def test_one_payment_that_is_told_eight_times_at_once_is_captured_once(
    opened: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    payment = created(opened(scarf))
    far.pay("payment_1", fee=110)
    seen: list[Change] = []

    def tell(index: int) -> None:
        refresh_payment(payment.pk, follow=seen.append)

    assert in_threads(8, tell) == []
    assert [change.now for change in seen] == ["captured"]
    assert Journal.objects.count() == 2
