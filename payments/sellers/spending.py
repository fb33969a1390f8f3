"""Paying from one's own sales balance: what is released, payable and not owed. Nothing is topped up or given away.

The far end of the processor `balance` is this book. Taking and giving back are journals of their own, each with the
operation's key: a second call finds the first one's. `clearing:balance` is what was taken and is not yet an order's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import LedgerRefused, post, posted
from payments.models import Payment
from payments.models.ledger import Entry
from payments.payouts.freezing import frozen
from payments.processors.base import Declined, Refused
from payments.sellers.payable import lock_seller

SLUG = "balance"
TAKEN, BACK = "balance_paid", "balance_back"


@dataclass(frozen=True, slots=True)
class Entered:
    """One line of the book: `ref` is our payment's id, `key` the operation's."""

    ref: str
    key: str
    money: Money
    at: dt.datetime


class Book(Protocol):
    """Who has how much, and what was taken for which payment. The same key has one effect."""

    def take(self, key: str, ref: str, money: Money) -> Entered:
        """Take `money` from the payer of the payment `ref`. Declined, for them to read, when they may not."""

    def give_back(self, key: str, ref: str, money: Money) -> Entered:
        """Part of what was taken. Refused when it is more."""

    def taken(self, ref: str | None, key: str | None) -> Entered | None: ...

    def given_back(self, key: str) -> Entered | None: ...

    def entries(self, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[str, Entered]]:
        """All of that time: charge or refund, and what."""


def available(user: User, currency: str) -> Money:
    """What is payable to them, less what they owe. Held, reserved and contested money is elsewhere."""
    left = balance(codes.seller(user.pk, currency)) - balance(codes.seller_debt(user.pk, currency))
    return max(left, Money(0, currency))


def problem(user: User | None, money: Money) -> str:
    """Why `user` cannot pay `money` from their balance; empty when they can. Decisive only under their lock."""
    if user is None:
        return _("Sign in to pay from your sales balance.")
    if not user.is_active or user.suspended_at is not None:
        return _("Your account is suspended, and so is its sales balance.")
    if frozen() is not None:
        return _("Payouts are frozen while we look at the books, and so are sales balances. Pay another way.")
    there = available(user, money.currency)
    if there < money:
        return _("Your sales balance has %(there)s, this takes %(amount)s. Pay another way.") % {
            "there": there,
            "amount": money,
        }
    return _beyond_limits(user, money)


def _beyond_limits(user: User, money: Money) -> str:
    once = limit(settings.BALANCE_PER_PAYMENT, money.currency)
    daily = limit(settings.BALANCE_PER_DAY, money.currency)
    if once is not None and money > once:
        return _("At most %(most)s can be paid from a sales balance at once.") % {"most": once}
    if daily is not None and _today(user, money.currency) + money > daily:
        return _("At most %(most)s a day can be paid from a sales balance.") % {"most": daily}
    return ""


def limit(limits: dict[str, str], currency: str) -> Money | None:
    return Money.parse(limits[currency], currency) if currency in limits else None


def _today(user: User, currency: str) -> Money:
    rows = Entry.objects.filter(account__code=codes.seller(user.pk, currency).code, journal__kind=TAKEN)
    rows = rows.filter(journal__occurred_at__gt=now() - dt.timedelta(days=1))
    return Money(int(rows.aggregate(sum=Sum("amount"))["sum"] or 0), currency)


class LedgerBook:
    """The book in our ledger. Guarded accounts make it impossible to take more than there is."""

    @transaction.atomic
    def take(self, key: str, ref: str, money: Money) -> Entered:
        payment = _payment(ref)
        assert payment.user is not None
        lock_seller(payment.user.pk)
        if payment.amount != money:
            raise Refused(f"Payment {ref} is about {payment.amount}, not {money}.")
        if posted(_key(key)) is None:
            if payment.lines.filter(seller=payment.user).exists():
                raise Declined(_("Nobody pays their own shop from its balance."))
            if why := problem(User.objects.get(pk=payment.user.pk), money):
                raise Declined(why)
        _post(key, TAKEN, payment, money)
        return _entered(key, TAKEN)

    @transaction.atomic
    def give_back(self, key: str, ref: str, money: Money) -> Entered:
        payment = _payment(ref)
        assert payment.user is not None
        lock_seller(payment.user.pk)
        if payment.currency != money.currency:
            raise Refused(f"Payment {ref} took {payment.currency}, so {money} cannot go back.")
        taken = self.taken(ref, None)
        if posted(_key(key)) is None and (taken is None or self._back(ref, money.currency) + money > taken.money):
            raise Refused(f"Payment {ref} did not take {money} that is not given back.")
        _post(key, BACK, payment, -money)
        return _entered(key, BACK)

    def taken(self, ref: str | None, key: str | None) -> Entered | None:
        return _find(TAKEN, journal__ref=ref) if ref else _find(TAKEN, journal__key=_key(key or ""))

    def given_back(self, key: str) -> Entered | None:
        return _find(BACK, journal__key=_key(key))

    def entries(self, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[str, Entered]]:
        rows = Entry.objects.filter(journal__kind__in=(TAKEN, BACK), account__code__startswith="seller:")
        rows = rows.filter(journal__occurred_at__range=(since, until)).select_related("journal")
        for entry in rows.order_by("journal_id"):
            yield "charge" if entry.journal.kind == TAKEN else "refund", _entry(entry)

    def _back(self, ref: str, currency: str) -> Money:
        rows = Entry.objects.filter(journal__kind=BACK, journal__ref=ref, account__code__startswith="seller:")
        return Money(-int(rows.aggregate(sum=Sum("amount"))["sum"] or 0), currency)


def _payment(ref: str) -> Payment:
    payment = Payment.objects.select_related("user").filter(pk=ref, processor=SLUG).first()
    if payment is None or payment.user is None:
        raise Refused(f"No payment {ref} is paid from the balance of somebody.")
    return payment


def _post(key: str, kind: str, payment: Payment, money: Money) -> None:
    assert payment.user_id is not None
    legs = [
        (codes.seller(payment.user_id, money.currency), money.amount),
        (codes.clearing(SLUG, money.currency), -money.amount),
    ]
    try:
        post(_key(key), kind, str(payment.pk), legs)
    except LedgerRefused as error:
        raise Refused(str(error)) from error


def _key(key: str) -> str:
    return f"{SLUG}:{key}"


def _entered(key: str, kind: str) -> Entered:
    found = _find(kind, journal__key=_key(key))
    assert found is not None
    return found


def _find(kind: str, **where: str) -> Entered | None:
    rows = Entry.objects.filter(journal__kind=kind, account__code__startswith="seller:", **where)
    entry = rows.select_related("journal").first()
    return None if entry is None else _entry(entry)


def _entry(entry: Entry) -> Entered:
    journal, money = entry.journal, Money(abs(entry.amount), entry.currency)
    return Entered(journal.ref, journal.key.removeprefix(f"{SLUG}:"), money, journal.occurred_at)
