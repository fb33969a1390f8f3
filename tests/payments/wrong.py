"""The sound processor, broken in one way each: `WRONG` says which clause has to notice."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fx.money import Money
from payments.processors.base import BadSignature, Can, Movement, Outcome, Refused, Unavailable, Unknown, Update
from tests.payments.pocket import Pocket
from tests.payments.sound import Sound


def broken(base: type[Sound] = Sound, /, **changes: Any) -> type[Pocket]:
    return type("Broken", (base,), changes)


def answers(method: str, change: Callable[[Sound, Any], Any]) -> type[Pocket]:
    """What `method` answers is changed on its way out."""

    def changed(self: Sound, *args: Any, **how: Any) -> Any:
        return change(self, getattr(Sound, method)(self, *args, **how))

    return broken(**{method: changed})


def with_new_keys(method: str) -> type[Pocket]:
    """Ignores our key: the provider gets another one each time."""

    def forgetful(self: Sound, key: str, *args: Any, **how: Any) -> Any:
        return getattr(Sound, method)(self, f"{key}:{uuid.uuid4()}", *args, **how)

    return broken(**{method: forgetful})


def by_float(money: Money) -> Money:
    """How a cent is lost: 0.29 * 100 is 28.999999999999996."""
    return Money(int(float(money.decimal) * 10 ** len(str(money.decimal).partition(".")[2])), money.currency)


def floating(self: Sound, update: Update | None) -> Update | None:
    return update and replace(update, amount=by_float(update.amount) if update.amount else update.amount)


def latest(self: Sound, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
    """Shows the newest object, whatever it is asked for by key."""
    if ref is None:
        things = [thing for thing in self.far.things.values() if thing.kind == kind]
        return self._told(things[-1]) if things else None
    return Sound.fetch(self, ref, kind=kind, key=key)


def blind(self: Sound, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
    """Finds nothing by key."""
    return Sound.fetch(self, ref, kind=kind, key=key) if ref else None


def nervous(self: Sound, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
    """Breaks where it should say that there is nothing."""
    found = Sound.fetch(self, ref, kind=kind, key=key)
    if found is None:
        raise KeyError(ref)
    return found


def reversing(self: Sound, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
    """A payment that was refunded is told as taken back."""
    found = Sound.fetch(self, ref, kind=kind, key=key)
    gone = found is not None and kind == "payment" and self.far.things[found.ref].back
    return replace(found, outcome=Outcome.REVERSED) if found is not None and gone else found


def one_for_all(self: Sound, key: str, money: Money, **how: Any) -> Update:
    """The same object for every buyer."""
    return Sound.create(self, "create:everybody", money, **how)


def careless(self: Sound, key: str, money: Money, **how: Any) -> Update:
    """Does not look whether the amount is the one that the key had."""
    known = self.far.of_key(key)
    return self._told(known) if known else Sound.create(self, key, money, **how)


def guessing(self: Sound, key: str, money: Money, **how: Any) -> Update:
    """A lost answer is taken for a failure, and repeated under another key."""
    try:
        return Sound.create(self, key, money, **how)
    except Unknown:
        return Sound.create(self, f"{key}:again", money, **how)


def giving_up(self: Sound, key: str, money: Money, **how: Any) -> Update:
    try:
        return Sound.create(self, key, money, **how)
    except Unavailable as error:
        raise Refused(str(error)) from error


def hopeful(self: Sound, ref: str | None, **how: Any) -> Update | None:
    try:
        return Sound.fetch(self, ref, **how)
    except Unavailable:
        return None


def deaf(self: Sound, key: str, ref: str) -> Update:
    """Says that it is canceled, and it is not asked again."""
    if self.far.things[ref].outcome == Outcome.CANCELED:
        raise Refused(f"{ref} is canceled already.")
    return Sound.cancel(self, key, ref)


def ruthless(self: Sound, key: str, ref: str) -> Update:
    self.far.things[ref].outcome = Outcome.CANCELED
    return self._told(self.far.things[ref])


def generous(self: Sound, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
    """Sends back whatever it is asked for."""
    known = self.far.of_key(key) is not None
    answer = self._answer(self.far.make("refund", key, money, Outcome.SUCCEEDED))
    if not known:
        self.far.book("refund", answer.ref, -money)
    return answer


def in_units(self: Sound, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
    """Hands over a bare number: it goes back in whatever was paid."""
    return Sound.refund(self, key, ref, Money(money.amount, self.far.things[ref].money.currency))


def topping_up(self: Sound, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
    """The same key for a larger sum sends the larger sum."""
    known = self.far.of_key(key)
    if known is not None and known.money != money:
        return replace(self._told(known), amount=money)
    return Sound.refund(self, key, ref, money)


def whole_or_nothing(self: Sound, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
    return Sound.refund(self, key, ref, self.far.things[ref].received)


def refunding_again(self: Sound, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
    try:
        return Sound.refund(self, key, ref, money)
    except Unknown:
        return Sound.refund(self, f"{key}:again", ref, money)


def paying_anybody(self: Sound, key: str, money: Money, *, destination: str, ref: str) -> Update:
    return Sound.payout(self, key, money, destination="good", ref=ref)


def paying_again(self: Sound, key: str, money: Money, *, destination: str, ref: str) -> Update:
    try:
        return Sound.payout(self, key, money, destination=destination, ref=ref)
    except Unknown:
        return Sound.payout(self, f"{key}:again", money, destination=destination, ref=ref)


def indifferent_payout(self: Sound, key: str, money: Money, *, destination: str, ref: str) -> Update:
    known = self.far.of_key(key)
    return self._told(known) if known else Sound.payout(self, key, money, destination=destination, ref=ref)


def trusting(self: Sound, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
    """Believes whatever it can read."""
    try:
        said = json.loads(body)
    except ValueError as error:
        raise BadSignature("unreadable") from error
    return [Update("payment", said["ref"], Outcome.PENDING, event_id=said["id"])] if said else []


def half_trusting(self: Sound, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
    """Looks only whether there is a signature."""
    if not headers:
        raise BadSignature("none")
    return trusting(self, body, headers)


def pedantic(self: Sound, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
    if "Pocket-Signature" not in headers:
        raise BadSignature("none")
    return Sound.parse_webhook(self, body, headers)


def lines(change: Callable[[Movement], Movement]) -> type[Pocket]:
    return answers("statement", lambda self, found: (change(line) for line in found))


def named(name: str) -> Callable[[Sound, Sequence[Update]], list[Update]]:
    return lambda self, found: [replace(update, event_id=name) for update in found]


def anew(self: Sound, found: Iterable[Movement]) -> Iterator[Movement]:
    return (replace(line, line=str(uuid.uuid4())) for line in found)


def everything(self: Sound, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
    return iter(self.far.lines)


def renamed(**fields: Any) -> Callable[[Sound, Update | None], Update | None]:
    return lambda self, update: replace(update, **fields) if update else update


def late(self: Sound, update: Update | None) -> Update | None:
    """The far end never lets a page run out."""
    return replace(update, outcome=Outcome.ACTION) if update and update.outcome == Outcome.EXPIRED else update


def paid_anyway(self: Sound, update: Update | None) -> Update | None:
    if update and update.outcome == Outcome.FAILED:
        return replace(update, outcome=Outcome.SUCCEEDED, amount=self.far.things[update.ref].money)
    return update


def paid_at_once(self: Sound, update: Update | None) -> Update | None:
    """Asked for counts as paid."""
    if update and update.kind == "payment" and update.outcome == Outcome.PENDING:
        return replace(update, amount=self.far.things[update.ref].money)
    return update


def settled_gross(self: Sound, update: Update | None) -> Update | None:
    if update and update.kind == "settlement" and update.amount:
        return replace(update, amount=update.amount + Money(7, update.amount.currency))
    return update


def in_dollars(self: Sound, update: Update | None) -> Update | None:
    """The amount is right, the currency is the account's own."""
    return replace(update, amount=Money(update.amount.amount, "USD")) if update and update.amount else update


ANY_SCRIPT = property(lambda self: {"script-src": ["*"]})
NAIVE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is wrong with it
# (what is wrong, the processor, the clause that has to notice)
WRONG: list[tuple[str, type[Pocket], str]] = [
    ("no name", broken(label=""), "it_says_what_it_is"),
    ("a slug with a dash", broken(slug="a-b"), "it_says_what_it_is"),
    ("another API", broken(api=0), "it_says_what_it_is"),
    ("any script", broken(csp=ANY_SCRIPT), "it_opens_the_content_policy_to_named_hosts_only"),
    ("takes nothing", broken(accepts=lambda *_: False), "it_takes_what_it_says_and_its_fee_leaves_something"),
    ("keeps all", broken(fee=lambda self, money, _: money), "it_takes_what_it_says_and_its_fee_leaves_something"),
    ("a fee below zero", broken(fee=lambda self, m, _: -m), "it_takes_what_it_says_and_its_fee_leaves_something"),
    ("a new key for each payment", with_new_keys("create"), "the_same_key_makes_one_payment"),
    ("one payment for all", broken(create=one_for_all), "another_key_makes_another_payment"),
    ("any amount for a key", broken(create=careless), "the_same_key_for_another_amount_is_an_error"),
    ("the latest for any key", broken(fetch=latest), "a_payment_that_never_arrived_is_none"),
    ("the latest, again", broken(fetch=latest), "a_key_finds_its_own_payment_or_none"),
    ("a name too long", answers("create", renamed(ref="a" * 129)), "what_comes_back_is_well_formed"),
    (
        "a moment without a zone",
        answers("fetch", renamed(occurred_at=NAIVE)),
        "what_comes_back_is_well_formed",
    ),
    (
        "a page that is none",
        answers("create", renamed(client={"step": {"kind": "redirect", "url": "javascript:1"}})),
        "what_comes_back_is_well_formed",
    ),
    ("floats", answers("fetch", floating), "every_amount_survives_the_wire"),
    ("the account's currency", answers("fetch", in_dollars), "every_amount_survives_the_wire"),
    ("a fee in dollars", answers("fetch", renamed(fee=Money(7, "USD"))), "every_amount_survives_the_wire"),
    ("asked is paid", answers("fetch", paid_at_once), "before_it_is_paid_nothing_is_received"),
    ("repeats with a new key", broken(create=guessing), "a_lost_reply_ends_in_exactly_one_payment"),
    ("gives up when nobody answers", broken(create=giving_up), "who_is_away_is_asked_again_with_the_same_key"),
    ("away is not there", broken(fetch=hopeful), "who_is_away_is_asked_again_with_the_same_key"),
    (
        "another's key",
        answers("fetch", renamed(key="create:other")),
        "a_payment_is_bound_to_our_key_where_it_is_echoed",
    ),
    ("declined is paid", answers("fetch", paid_anyway), "who_is_declined_has_paid_nothing"),
    ("never runs out", answers("fetch", late), "what_ran_out_has_ended"),
    ("cancels once", broken(cancel=deaf), "canceling_ends_an_unpaid_payment"),
    ("cancels what is paid", broken(cancel=ruthless), "canceling_never_undoes_a_payment"),
    ("captures without a word", broken(can=Sound.can & ~Can.CAPTURE), "without_capture_it_refuses_to_capture"),
    ("no news", broken(poll=lambda *_: iter(())), "asked_for_news_it_tells_of_each"),
    ("refunds twice", with_new_keys("refund"), "the_same_key_refunds_once"),
    ("finds nothing by key", broken(fetch=blind), "a_refund_is_found_by_its_key_alone"),
    ("tops up", broken(refund=topping_up), "the_same_key_for_another_refund_is_an_error_or_changes_nothing"),
    ("all or nothing", broken(refund=whole_or_nothing), "parts_go_back_up_to_the_whole_and_no_further"),
    ("refunds anything", broken(refund=generous), "more_than_was_paid_is_not_refunded"),
    ("refunds what never came", broken(refund=generous), "what_was_never_paid_is_not_refunded"),
    ("refunds bare units", broken(refund=in_units), "another_currency_than_was_paid_is_not_refunded"),
    ("turns the payment back", broken(fetch=reversing), "a_refunded_payment_stays_paid"),
    ("refunds again", broken(refund=refunding_again), "a_lost_reply_ends_in_exactly_one_refund"),
    ("pays out twice", with_new_keys("payout"), "the_same_key_pays_out_once"),
    ("pays out any sum", broken(payout=indifferent_payout), "the_same_key_for_another_payout_is_an_error"),
    ("pays out again", broken(payout=paying_again), "a_lost_reply_ends_in_exactly_one_payout"),
    ("pays anybody", broken(payout=paying_anybody), "who_cannot_be_paid_is_refused"),
    ("events without a name", answers("parse_webhook", named("")), "a_genuine_webhook_names_its_object_and_itself"),
    ("one name for all events", answers("parse_webhook", named("evt")), "two_events_are_told_apart"),
    ("one spelling only", broken(parse_webhook=pedantic), "the_names_of_headers_come_in_any_case"),
    ("believes anybody", broken(parse_webhook=trusting), "what_is_not_signed_is_refused"),
    ("believes any signature", broken(parse_webhook=half_trusting), "a_changed_or_borrowed_signature_is_refused"),
    ("breaks on strangers", broken(fetch=nervous), "what_it_never_made_it_does_not_know"),
    (
        "a record of nets",
        lines(lambda line: replace(line, amount=line.amount - line.fee)),
        "a_record_shows_each_payment_and_refund_to_the_unit",
    ),
    (
        "a record without signs",
        lines(lambda line: replace(line, amount=max(line.amount, -line.amount))),
        "a_record_shows_each_payment_and_refund_to_the_unit",
    ),
    (
        "a record of dates",
        lines(lambda line: replace(line, at=NAIVE)),
        "a_record_has_what_was_asked_for_and_no_more",
    ),
    ("a new name for each reading", answers("statement", anew), "a_record_is_the_same_each_time_it_is_read"),
    ("the whole record", broken(statement=everything), "a_record_has_what_was_asked_for_and_no_more"),
    ("settles the gross", answers("fetch", settled_gross), "what_it_paid_to_the_bank_is_settled_and_on_record"),
]
