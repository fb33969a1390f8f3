"""Random lives of orders, against a model of their money; see test_lives.py."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fx.errors import FxError
from fx.money import COINS, Money
from listings.errors import ListingError
from listings.models import Listing
from marketplace.audit import checks
from marketplace.lib.audit import run
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import services, work
from orders.errors import OrderRefused
from orders.models import Checkout, Order, OrderEvent, Return
from orders.returns import cancellation, giving_back, withdrawal
from orders.returns import life as returns
from payments import inbox
from payments.bankin.returning import mark_returned
from payments.errors import PaymentError
from payments.ledger import codes
from payments.ledger.balances import trial_balance
from payments.models import Chargeback, Payment, Payout, Refund
from payments.payouts.life import approve_payout, cancel_payout, make_bank_file, mark_failed, mark_paid, request_payout
from payments.processors.base import Outcome
from payments.services import give_refund_address, lock_price, retry_refund, sent_by_hand
from tests.orders.world import place
from tests.payments.pocket import FarEnd, Thing, webhook
from tests.stateful.card import Dispute, ask_back
from tests.stateful.model import HELD, Life, Line, shares

REFUSED = (OrderRefused, PaymentError, FxError, ListingError)
PICK = st.integers(0, 10**6)
PART = st.integers(0, 100)  # per cent of what is left
VERBS = ("ship", "deliver", "confirm", "complain", "answer")
# What comes next for an order in a state.
NEXT = {
    "paid": ["ship"],
    "shipped": ["deliver", "confirm", "complain"],
    "delivered": ["confirm", "complain"],
    "disputed": ["answer"],
}
PAID = ("approve", "file", "paid", "back")
FINAL = {"completed", "refunded", "canceled", "split"}
SWEEPS = (
    work.drain_operations,
    work.drain_inbox,
    work.settle_chargebacks,
    work.meet_deadlines,
    work.meet_returns,
    work.free_reserves,
)
# The state in which a step of a payout makes sense.
BEFORE = {
    "approve": "requested",
    "file": "approved",
    "cancel": "approved",
    "paid": "sent",
    "failed": "sent",
    "back": "paid",
}


class World:
    """What outlives one life: people, shops and their listings, far ends. Filled by the test."""

    buyers: ClassVar[list[User]]
    staff: ClassVar[User]
    other: ClassVar[User]  # the second pair of eyes
    listings: ClassVar[list[Listing]]
    far: ClassVar[FarEnd]
    steps = 0
    lives = 0
    ends: ClassVar[Counter[str]] = Counter()
    refused: ClassVar[Counter[str]] = Counter()
    payouts: ClassVar[Counter[str]] = Counter()
    claims: ClassVar[Counter[str]] = Counter()


class Lives(RuleBasedStateMachine):
    """Buyers buy in EUR, JPY or KWD from shops that price in INR, MXN, JPY, KWD and EUR, by card, BTC or USDC."""

    @initialize()
    def begin(self) -> None:
        World.lives += 1
        self.point = transaction.savepoint()
        self.clock = ExitStack()
        self.lives: dict[str, Life] = {}
        self.events = itertools.count(1)
        World.far.things.clear()
        World.far.lose, World.far.down, World.far.slow, World.far.decline = 0, False, False, ""

    # --- buying and paying ------------------------------------------------------------------------

    @rule(who=PICK, what=PICK, more=PICK, rail=st.sampled_from(["card", "card", "card", "coin", "token"]),
          currency=st.sampled_from(["EUR", "EUR", "JPY", "KWD"]))  # fmt: skip
    def buy(self, who: int, what: int, more: int, rail: str, currency: str) -> None:
        """Placed, and left to its fate."""
        user = World.buyers[who % len(World.buyers)]
        chosen = [World.listings[what % len(World.listings)]]
        second = World.listings[more % len(World.listings)]
        if more % 3 == 0 and second.shop_id != chosen[0].shop_id:
            chosen.append(second)
        found = self._try(lambda: place(user, *chosen, rail=rail, currency=currency))
        if isinstance(found, Checkout):
            for order in found.orders.all():
                self.lives[order.number] = self._life(order)

    def _life(self, order: Order) -> Life:
        lines = {line.component: Line(line.target_minor, line.pay_minor) for line in _lines(order)}
        return Life(
            order.number, order.seller.pk, order.currency, order.commission_minor, order.processing_minor, lines
        )

    @precondition(lambda self: self._asked())
    @rule(which=PICK, how=st.sampled_from(["all", "all", "all", "short", "more"]), fee=st.booleans())
    def pay(self, which: int, how: str, fee: bool) -> None:
        """The buyer pays at the far end; nobody here knows of it yet. Cards pay exactly."""
        thing = _pick(self._asked(), which)
        amount = thing.money
        if amount.currency in COINS and how != "all":
            amount = amount.times(9, 10) if how == "short" else amount.times(11, 10)
        kept = amount.bps(200).amount if fee and amount.currency not in COINS else None
        World.far.pay(thing.id, amount, fee=kept)
        if amount < thing.money:
            thing.outcome = Outcome.PARTIAL

    @rule(who=PICK, what=PICK, more=PICK, rail=st.sampled_from(["card", "card", "coin", "token"]), fee=st.booleans())
    def buy_and_pay(self, who: int, what: int, more: int, rail: str, fee: bool) -> None:
        """All goes well, so that later steps have something to go wrong with."""
        before = set(World.far.things)
        World.far.down, World.far.lose = False, 0
        self.buy(who, what, more, rail, ("EUR", "JPY", "KWD")[more % 3])
        for name in set(World.far.things) - before:
            self.pay(self._asked().index(World.far.things[name]), "all", fee)
            body, headers = webhook(World.far.things[name], f"evt_{next(self.events)}")
            inbox.receive(rail, body, headers)
        self.work()

    @precondition(lambda self: self._in(NEXT))
    @rule(which=PICK, far=st.sampled_from(["ship", "deliver", "confirm"]))
    def goes_well(self, which: int, far: str) -> None:
        """An order comes as far as that without trouble."""
        life = _pick(self._in(NEXT), which)
        for verb in VERBS[: VERBS.index(far) + 1]:
            self._live(life, verb)

    def _in(self, statuses: Collection[str]) -> list[Life]:
        return [life for life in self.lives.values() if life.status in statuses]

    def _asked(self) -> list[Thing]:
        return [thing for thing in World.far.payments() if not thing.received and thing.outcome == "pending"]

    # --- news -------------------------------------------------------------------------------------

    @precondition(lambda self: bool(World.far.things))
    @rule(which=PICK, times=st.integers(0, 3), lies=st.sampled_from([None, None, "pending", "failed", "canceled"]))
    def hear(self, which: int, times: int, lies: str | None) -> None:
        """A webhook about something, old or new, any number of times; some never come (0)."""
        thing = _pick(list(World.far.things.values()), which)
        name = f"evt_{next(self.events)}"
        slug = _slug(thing)
        for _ in range(times):
            body, headers = webhook(thing, name, lies)  # type: ignore[arg-type]
            inbox.receive(slug, body, headers)

    @rule()
    def work(self) -> None:
        for sweep in SWEEPS:
            sweep()
        self._learn()

    @rule(trouble=st.sampled_from(["lose", "down", "up", "slow", "fast"]))
    def weather(self, trouble: str) -> None:
        far = World.far
        if trouble == "lose":
            far.lose += 1
        elif trouble in {"down", "up"}:
            far.down = trouble == "down"
        else:
            far.slow = trouble == "slow"

    @rule(seconds=st.sampled_from([5] * 4 + [60, 300] * 4 + [700, 3600] * 2 + [86_400, 17 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.clock.enter_context(shifted(seconds=seconds))

    # --- what people do ---------------------------------------------------------------------------

    @precondition(lambda self: self.lives)
    @rule(
        which=PICK, verb=st.sampled_from(["next", "next", "next", "ship", "deliver", "confirm", "complain", "answer"])
    )
    def live(self, which: int, verb: str) -> None:
        """Mostly what comes next for the order; sometimes what cannot be."""
        under_way = self._in(NEXT)
        life = _pick(under_way if under_way and verb == "next" else list(self.lives.values()), which)
        if verb == "next":
            verb = NEXT.get(life.status, ["ship"])[which % len(NEXT.get(life.status, "1"))]
        self._live(life, verb)

    def _live(self, life: Life, verb: str) -> None:
        order = Order.objects.select_related("shop__owner", "checkout__buyer").get(number=life.number)
        seller, who = order.seller, order.checkout.buyer
        verbs: dict[str, Any] = {
            "ship": lambda: services.mark_shipped(life.number, by=seller, carrier="Post", tracking_number="RR1"),
            "deliver": lambda: services.mark_delivered(life.number, by=who),
            "confirm": lambda: services.confirm(life.number, by=who),
            "complain": lambda: services.open_dispute(life.number, by=who, reason="It is torn."),
            "answer": lambda: services.answer_dispute(life.number, by=seller, answer="It was whole."),
        }
        self._try(verbs[verb])
        self._learn()

    @precondition(lambda self: self.lives)
    @rule(which=PICK, goods=PART, shipping=PART)
    def give_back(self, which: int, goods: int, shipping: int) -> None:
        """The seller gives an amount back, before or after release."""
        able = self._in(giving_back.OPEN)
        life = _pick(able if able and which % 8 else list(self.lives.values()), which)
        minor, postage = life.left("goods") * goods // 100, life.left("shipping") * shipping // 100
        ccy = life.currency
        done = self._try(
            lambda: services.refund_amount(
                life.number, by=World.staff, why="x", goods=Money(minor, ccy), shipping=Money(postage, ccy)
            )
        )
        if isinstance(done, Refund):
            life.give_back(minor, postage)
        self._learn()

    @precondition(lambda self: self.lives)
    @rule(which=PICK, verb=st.sampled_from(["refund", "cancel sale", "cancel", "came back", "keep postage"]))
    def end(self, which: int, verb: str) -> None:
        """All of it goes back, for one reason or another; not too often, or nothing else ever happens."""
        if which % 5:
            return
        life = _pick(list(self.lives.values()), which)
        number, staff = life.number, World.staff
        came: dict[str, Any] = {"by": staff, "why": "x", "restocked": True}
        verbs: dict[str, Any] = {
            "refund": lambda: services.refund(number, by=staff, why="x"),
            "cancel sale": lambda: cancellation.cancel_sale(number, **came),
            "cancel": lambda: cancellation.cancel_purchase(number, by=None),
            "came back": lambda: cancellation.returned_to_sender(number, keep_shipping=False, **came),
            "keep postage": lambda: cancellation.returned_to_sender(number, keep_shipping=True, **came),
        }
        self._try(verbs[verb])
        self._learn()

    @precondition(lambda self: self.lives)
    @rule(which=PICK, outcome=st.sampled_from(["buyer", "seller", "split"]), part=PART)
    def decide(self, which: int, outcome: str, part: int) -> None:
        disputed = self._in({"disputed"})
        life = _pick(disputed or list(self.lives.values()), which)
        back = Money(life.held * part // 100, life.currency)
        self._try(lambda: services.decide_dispute(life.number, outcome=outcome, by=World.staff, reason="x", back=back))
        self._learn()

    @precondition(lambda self: self.lives)
    @rule(
        which=PICK,
        verb=st.sampled_from(["withdraw", "ask", "authorize", "send", "receive", "contest", "keep", "judge"]),
    )
    def return_(self, which: int, verb: str) -> None:
        able = self._in(giving_back.OPEN)
        life = _pick(able if able and which % 8 else list(self.lives.values()), which)
        order = Order.objects.get(number=life.number)
        items = {line.pk: count for line, count in giving_back.pieces_left(order) if count}
        back = returns.live(order)
        staff = World.staff
        starts: dict[str, Any] = {
            "withdraw": lambda: withdrawal.withdraw(life.number, by=None, items=items, name="Bob"),
            "ask": lambda: returns.ask(life.number, by=None, items=items, reason="x"),
        }
        goes_on: dict[str, Any] = {
            "authorize": lambda: returns.authorize(back, by=staff, send_to="Jaipur", payer="buyer"),  # type: ignore[arg-type]
            "send": lambda: returns.send(back, by=None, carrier="Post", tracking_number="RR2"),  # type: ignore[arg-type]
            "receive": lambda: returns.receive(back, by=staff, restocked=True),  # type: ignore[arg-type]
            "contest": lambda: returns.contest(back, by=staff, why="worn"),  # type: ignore[arg-type]
            "keep": lambda: returns.give_up(back, by=None),  # type: ignore[arg-type]
            "judge": lambda: returns.decide(back, by=staff, goods=returns.worth(back).times(1, 2), why="x"),  # type: ignore[arg-type]
        }
        if verb in starts and items:
            self._try(starts[verb])
        elif verb in goes_on and back is not None:
            self._try(goes_on[verb])
        self._learn()

    # --- money on its way ---------------------------------------------------------------------------

    @precondition(lambda self: Refund.objects.filter(state__in=["needs_address", "failed"]).exists())
    @rule(which=PICK)
    def help_a_refund(self, which: int) -> None:
        """A buyer names an address, a person sends coins, a failed one is tried again."""
        refund = _pick(list(Refund.objects.exclude(state__in=["succeeded", "sent"]).order_by("created_at")), which)
        _help(refund)
        self._learn()

    @rule(which=PICK, cancels=st.booleans())
    def pay_out(self, which: int, cancels: bool) -> None:
        shop = World.listings[which % len(World.listings)].shop
        found = self._try(lambda: request_payout(seller=shop.owner, currency=shop.currency, by=shop.owner))
        if isinstance(found, Payout) and cancels:
            self._try(lambda: cancel_payout(found, by=shop.owner))

    @precondition(lambda self: any(life.released for life in self.lives.values()))
    @rule(which=PICK, far=st.sampled_from(["approve", "file", "cancel", "paid", "failed", "back", "back"]), part=PART)
    def pays_well(self, which: int, far: str, part: int) -> None:
        """All that a seller of a released order has is asked for, and comes as far as that without trouble."""
        released = [life for life in self.lives.values() if life.released]
        seller = User.objects.get(pk=_pick(released, which).seller)
        self._try(lambda: request_payout(seller=seller, currency=seller.currency, by=seller))
        payout = Payout.objects.filter(seller=seller).exclude(state__in=["paid", "failed", "canceled"]).first()
        before = ("approve",) if far == "cancel" else ("approve", "file")
        for verb in PAID[: PAID.index(far) + 1] if far in PAID else (*before, far):
            if payout is not None:
                self._pay(payout, verb, part)

    @precondition(lambda self: Payout.objects.exists())
    @rule(which=PICK, verb=st.sampled_from(list(BEFORE)), part=PART)
    def pay_on(self, which: int, verb: str, part: int) -> None:
        """One step of a payout, mostly of one for which it is time."""
        rows = Payout.objects.order_by("requested_at", "pk")
        able = list(rows.filter(state=BEFORE[verb]))
        self._pay(_pick(able if able and which % 8 else list(rows), which), verb, part)

    def _pay(self, payout: Payout, verb: str, part: int) -> None:
        """Two people and a bank do it; when the money comes back, a part of it may stay on the way."""
        staff, other = World.staff, World.other
        came = Money(max(payout.amount_minor * (100 - part // 4) // 100, 1), payout.currency)
        verbs: dict[str, Any] = {
            "approve": lambda: approve_payout(payout, by=staff),
            "file": lambda: make_bank_file([payout], by=staff),
            "cancel": lambda: cancel_payout(payout, by=staff, why="x"),
            "paid": lambda: mark_paid(payout, by=other, bank_reference=f"B {payout.pk.hex}"),
            "failed": lambda: mark_failed(payout, by=other, problem="The account is closed."),
            "back": lambda: mark_returned(payout, by=other, received=came, problem="The account is closed."),
        }
        if not isinstance(self._try(verbs[verb]), REFUSED):
            World.payouts[verb] += 1

    # --- buyers' banks ------------------------------------------------------------------------------

    @precondition(lambda self: self._contestable())
    @rule(which=PICK)
    def ask_back(self, which: int) -> None:
        """The bank of a card takes the money of a payment; nobody here knows of it yet. Not too often."""
        if which % 3 == 0:
            ask_back(World.far, _pick(self._contestable(), which))
            World.claims["asked"] += 1

    def _contestable(self) -> list[Thing]:
        asked = {thing.about for thing in _disputes()}
        captured = set(
            Payment.objects.filter(processor="card", state="captured").values_list("processor_ref", flat=True)
        )
        return [thing for thing in World.far.payments() if thing.id in captured - asked]

    @precondition(lambda self: any(thing.outcome == Outcome.ACTION for thing in _disputes()))
    @rule(which=PICK, end=st.sampled_from(["won", "lost"]))
    def bank_decides(self, which: int, end: str) -> None:
        _pick([thing for thing in _disputes() if thing.outcome == Outcome.ACTION], which).decide(end)
        World.claims[end] += 1

    # --- what has to hold after each step -----------------------------------------------------------

    @invariant()
    def the_books_are_right_and_agree_with_the_model(self) -> None:
        World.steps += 1
        assert trial_balance() == {}
        statuses = dict(Order.objects.values_list("number", "status"))
        for life in self.lives.values():
            assert statuses[life.number] == life.status, life
        self._holds()
        self._sellers()

    def _holds(self) -> None:
        booked = _balances("hold:%")
        waiting = _waiting_in_holds()
        for life in self.lives.values():
            expected = (life.held if life.paid and not life.released else 0) + waiting.get(life.number, 0)
            assert -booked.get(f"hold:{life.number}", 0) == expected, life

    def _sellers(self) -> None:
        """What each seller has, owes and is being paid is what their orders brought."""
        books, to_come, of_orders = _balances("seller:%"), _debts_to_come(), dict[tuple[int, str], int]()
        for life in self.lives.values():
            key = (life.seller, life.currency)
            of_orders[key] = of_orders.get(key, 0) + life.of_seller + to_come.get(life.number, 0)
        live = Payout.objects.exclude(state__in=["failed", "canceled"])
        for seller, currency, amount in live.values_list("seller_id", "currency", "amount_minor"):
            of_orders[seller, currency] = of_orders.get((seller, currency), 0) - amount
        for (seller, currency), expected in of_orders.items():
            code = f"seller:{seller}:{currency}"
            has = -sum(books.get(code + end, 0) for end in ("", ":debt", ":reserve", ":contested"))
            assert has == expected, (code, has, expected)

    # --- how the model learns ----------------------------------------------------------------------

    def _learn(self) -> None:
        """Follow each order's own history: which legal step it took, and what that does to its money."""
        events = OrderEvent.objects.filter(order__number__in=self.lives).order_by("order_id", "seq")
        histories: dict[str, list[str]] = {}
        for number, step in events.values_list("order__number", "to_status"):
            histories.setdefault(number, []).append(step)
        made: dict[str, list[Refund]] = {}
        for refund in Refund.objects.filter(ref__in=self.lives).order_by("created_at"):
            made.setdefault(refund.ref, []).append(refund)
        for number, steps in histories.items():
            life, refunds = self.lives[number], made.get(number, [])
            for step in steps[steps.index(life.status) + 1 :] if life.status != steps[-1] else []:
                assert step in Order.NEXT[life.status], (life, step)
                self._step(life, step, refunds)
            self._returned(life, refunds)
        self._fees()

    def _step(self, life: Life, to: str, refunds: list[Refund]) -> None:
        if to == "paid":
            life.paid = True
        if to == "refunded" and life.held:
            life.give_back(life.left("goods"), life.left("shipping"))
            life.fee_is_owed = refunds[-1].reason in {"never_shipped", "seller_canceled"}
        if to == "split":  # what the decision gave back, the goods' part before the shipping's
            life.give_back(*_parts(refunds[-1]))
        if to in {"completed", "split"}:
            life.release()
        life.status = to

    def _returned(self, life: Life, refunds: list[Refund]) -> None:
        """Refunds by a return, or by the buyer's bank, that left the order where it was."""
        for refund in refunds[len(life.refunds) :]:
            assert refund.chargeback_id or Return.objects.filter(refund=refund).exists(), (life, refund)
            life.give_back(*_parts(refund))
        assert [refund.amount_minor for refund in refunds] == life.refunds, life

    def _fees(self) -> None:
        """Who never shipped owes the share of the fee that the processor kept, in their own money."""
        for life in self.lives.values():
            if not life.fee_is_owed or life.kept_fee:
                continue
            payment = Payment.objects.get(lines__ref=life.number, lines__component="goods")
            if payment.fee_minor:
                refs: dict[str, int] = {}
                for line in payment.lines.order_by("ref", "id"):
                    refs[line.ref] = refs.get(line.ref, 0) + line.pay_minor
                share = dict(zip(refs, shares(payment.fee_minor, list(refs.values())), strict=True))[life.number]
                held = [life.lines[component] for component in HELD if component in life.lines]
                life.kept_fee = share * sum(line.target for line in held) // sum(line.pay for line in held)

    def _try(self, do: Any) -> Any:
        """The answer, or the refusal; then nothing has moved."""
        before, point = _fingerprint(), transaction.savepoint()
        try:
            answer = do()
        except REFUSED as refusal:
            answer = refusal
        refused = isinstance(answer, REFUSED)
        assert not refused or (str(answer) and _fingerprint() == before), f"refused but moved: {answer}"
        World.refused[type(answer).__name__] += refused
        (transaction.savepoint_rollback if refused else transaction.savepoint_commit)(point)
        return answer

    # --- the end -----------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "point"):
            return
        try:
            self._finish()
        finally:
            self.clock.close()
            transaction.savepoint_rollback(self.point)
            World.far.things.clear()

    def _finish(self) -> None:
        """Everything is heard, every deadline passes: no hold is left and every clearing account is explained."""
        far = World.far
        far.lose, far.down, far.slow = 0, False, False
        for dispute in _disputes():
            dispute.decide("won")
        heard: set[str] = set()
        for _ in range(12):
            for thing in [thing for thing in far.things.values() if thing.id not in heard]:
                heard.add(thing.id)
                if thing.kind == "refund" and thing.outcome == "pending":
                    thing.outcome = Outcome.SUCCEEDED
                body, headers = webhook(thing, f"evt_{next(self.events)}")
                inbox.receive(_slug(thing), body, headers)
            for refund in Refund.objects.filter(state__in=["needs_address", "requested", "failed"]):
                _help(refund)
            for sweep in SWEEPS:
                sweep()
            self._learn()
            if self._is_over() and len(heard) == len(far.things):
                break
            self.clock.enter_context(shifted(days=17))
        self.the_books_are_right_and_agree_with_the_model()
        assert self._is_over()
        assert set(_balances("hold:%").values()) <= {0}
        World.ends.update(life.status for life in self.lives.values())
        self._clearing()
        broken = [result.check.id for result in run(checks()) if result.count and result.check.severity == "S1"]
        assert not broken, broken

    def _is_over(self) -> bool:
        """No order waits, and no money is on its way back."""
        waiting = Refund.objects.exclude(state="succeeded").exists() or Payment.objects.filter(state="late").exists()
        waiting = waiting or Chargeback.objects.filter(settled_at=None).exists()
        return not waiting and {life.status for life in self.lives.values()} <= FINAL

    def _clearing(self) -> None:
        """Each account is what its far end received, less what it kept, gave back, banks took, people sent by hand."""
        expected: dict[str, int] = {}
        by_hand = Refund.objects.filter(payment__processor__in=["coin", "token"], state="succeeded")
        for payment in Payment.objects.exclude(processor_ref=""):
            thing = World.far.things[payment.processor_ref]
            code = codes.clearing(payment.processor, payment.currency).code
            sent = sum(row.sends.amount for row in by_hand if row.payment_id == payment.pk)
            kept = thing.fee.amount if thing.fee and thing.received else 0
            expected[code] = expected.get(code, 0) + thing.received.amount - thing.back - sent - kept
        for dispute in _disputes():
            expected[codes.clearing("card", dispute.money.currency).code] -= dispute.received.amount
        booked = _balances("clearing:%")
        for code, amount in expected.items():
            assert booked.get(code, 0) == amount, (code, booked.get(code, 0), amount)


def _pick(things: list[Any], which: int) -> Any:
    return things[which % len(things)]


def _disputes() -> list[Dispute]:
    return [thing for thing in World.far.things.values() if isinstance(thing, Dispute)]


def _lines(order: Order) -> list[Any]:
    return list(Payment.objects.get(ref=order.checkout.public_id).lines.filter(ref=order.number))


def _slug(thing: Thing) -> str:
    return {"BTC": "coin", "USDC": "token"}.get(thing.money.currency, "card")


def _parts(refund: Refund) -> tuple[int, int]:
    """What it took of goods and shipping."""
    parts = {line.line.component: line.target_minor for line in refund.lines.select_related("line")}
    return parts.get("goods", 0), parts.get("shipping", 0)


def _help(refund: Refund) -> None:
    if refund.state == Refund.State.NEEDS_ADDRESS:
        refund = give_refund_address(refund, destination=f"somewhere of {refund.payment.ref}")
    if refund.payment.currency in COINS:
        if refund.value_minor is not None:
            lock_price(refund, by=World.staff)
        sent_by_hand(refund, by=World.staff, reference=f"tx {refund.pk} {refund.attempt}")
    elif refund.state == Refund.State.FAILED:
        retry_refund(refund, by=World.staff)


def _balances(like: str) -> dict[str, int]:
    sql = (
        "select a.code, sum(b.amount)::bigint from ledger_account a join ledger_balance b on b.account_id = a.id"
        " where a.code like %s group by 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [like])
        return dict(cursor.fetchall())


def _waiting_in_holds() -> dict[str, int]:
    """What goes back but has not left its hold yet, by order."""
    sql = (
        "select r.ref, sum(l.target_minor)::bigint from payments_refundline l"
        " join payments_refund r on r.id = l.refund_id where l.account like 'hold:%%'"
        " and r.state in ('requested', 'needs_address', 'failed') group by 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def _debts_to_come() -> dict[str, int]:
    """What refunds after release will cost their sellers once they leave, by order."""
    sql = (
        "select r.ref, (sum(l.target_minor) - max(r.commission_minor))::bigint from payments_refund r"
        " join payments_refundline l on l.refund_id = r.id and l.account like '%%:debt'"
        " where r.state in ('requested', 'needs_address', 'failed') group by r.id"
    )
    debts: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql)
        for ref, minor in cursor.fetchall():
            debts[ref] = debts.get(ref, 0) + minor
    return debts


def _fingerprint() -> tuple[Any, ...]:
    """Journals, orders' statuses, refunds, stock: what a refusal must leave as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from ledger_journal), (select count(*) from payments_refund),"
            " (select count(*) from orders_orderevent), (select sum(stock) from listings_listing),"
            " (select count(*) from orders_return), (select count(*) from payments_payout)"
        )
        return tuple(cursor.fetchone())
