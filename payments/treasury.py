"""Money of the platform between processors, its bank and other currencies, so that nothing runs dry unseen."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.models import WindowTrade
from fx.money import COINS, Money
from fx.rates import HUB
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, locked
from payments.ledger.posting import post
from payments.models import Fill, Payout, Settlement
from payments.processors import registry

BANK = "bank"
PROMISED = (Payout.State.APPROVED, Payout.State.SENT)


@transaction.atomic
def available(currency: str, *, at: str = BANK) -> Money:
    """What is in the platform's bank account, or with the processor `at`, and not promised to an approved payout
    or an approved withdrawal of the platform's own income.

    Locked until the transaction of the caller ends, so that nobody spends it twice.
    """
    there = locked(codes.clearing(at, currency))
    promised = Payout.objects.filter(method__kind=at, send_currency=currency, state__in=PROMISED)
    spent = int(promised.aggregate(sum=Sum("send_minor"))["sum"] or 0)
    drawn = balance(codes.drawings(currency)) if at == BANK else Money(0, currency)
    return there - Money(spent, currency) - drawn


@transaction.atomic
def record_settlement(*, processor: str, reference: str, amount: Money, by: User | None = None) -> Settlement:
    """The processor paid `amount` into the bank account. Harmless when repeated.

    PayoutRefused when it is more than the processor owes by our books, or the reference was used
    for another amount. `by` is none for news from the processor itself.
    """
    reference = named(reference)
    known = Settlement.objects.filter(processor=processor, reference=reference).first()
    if known is not None:
        return _the_same(known, amount)
    _positive(amount)
    owed = locked(codes.clearing(processor, amount.currency))
    if amount > owed:
        raise PayoutRefused(
            _("%(processor)s owes %(owed)s by our books, not %(amount)s. Reconcile it first.")
            % {"processor": processor, "owed": owed, "amount": amount}
        )
    settlement = Settlement.objects.create(
        processor=processor,
        reference=reference,
        currency=amount.currency,
        amount_minor=amount.amount,
        recorded_by=by,
    )
    legs = [
        (codes.clearing(BANK, amount.currency), amount.amount),
        (codes.clearing(processor, amount.currency), -amount.amount),
    ]
    post(f"settlement:{processor}:{reference}", "settlement", reference, legs)
    return settlement


@transaction.atomic
def record_fill(*, reference: str, sold: Money, bought: Money, by: User) -> Fill:
    """An exchange that belongs to no window: `sold` left, `bought` came in. Harmless when repeated.

    PayoutRefused when `sold` is not available, or the reference was used for other amounts.
    """
    reference = named(reference)
    known = known_fill(reference, sold, bought, None)
    if known is not None:
        return known
    _positive(sold)
    _positive(bought)
    if sold.currency == bought.currency:
        raise PayoutRefused(_("An exchange needs two currencies."))
    refuse_more_than_available(sold)
    return book_fill(reference=reference, sold=sold, bought=bought, by=by)


def known_fill(reference: str, sold: Money, bought: Money, trade: WindowTrade | None) -> Fill | None:
    """The fill of this reference, if it was recorded before. PayoutRefused when it was another exchange."""
    known = Fill.objects.filter(reference=reference).first()
    same = (sold, bought, None if trade is None else trade.pk)
    if known is not None and (known.sold, known.bought, known.trade_id) != same:
        raise PayoutRefused(_("Fill %(ref)s was recorded before.") % {"ref": reference})
    return known


def refuse_more_than_available(sold: Money) -> None:
    there = available(sold.currency, at=place(sold.currency))
    if sold > there:
        raise PayoutRefused(_("Only %(there)s is available to sell, not %(sold)s.") % {"there": there, "sold": sold})


def book_fill(*, reference: str, sold: Money, bought: Money, by: User | None, trade: WindowTrade | None = None) -> Fill:
    """The row and its journal, of an exchange that was made. `by` is none for a program's."""
    fill = Fill.objects.create(
        reference=reference,
        sold_currency=sold.currency,
        sold_minor=sold.amount,
        bought_currency=bought.currency,
        bought_minor=bought.amount,
        recorded_by=by,
        trade=trade,
    )
    legs = [
        (codes.clearing(place(sold.currency), sold.currency), -sold.amount),
        (codes.fx(sold.currency), sold.amount),
        (codes.clearing(place(bought.currency), bought.currency), bought.amount),
        (codes.fx(bought.currency), -bought.amount),
    ]
    post(f"fill:{reference}", "fill", reference, legs)
    return fill


def place(currency: str) -> str:
    """Where money to exchange lies: coins with the processor that takes them, all else in the bank."""
    if currency in COINS:
        theirs = [one.slug for one in registry.active() if one.pay_currency(HUB) == currency]
        if not theirs:
            raise PayoutRefused(_("No processor that takes %(currency)s is switched on.") % {"currency": currency})
        return theirs[0]
    return BANK


def _the_same(known: Settlement, amount: Money) -> Settlement:
    if known.amount != amount:
        raise PayoutRefused(
            _("Settlement %(ref)s was recorded with %(amount)s.") % {"ref": known.reference, "amount": known.amount}
        )
    return known


def named(reference: str) -> str:
    reference = reference.strip()
    if not reference or len(reference) > 128:
        raise PayoutRefused(_("Give the bank's reference, at most 128 characters."))
    return reference


def _positive(amount: Money) -> None:
    if amount.amount <= 0:
        raise PayoutRefused(_("%(amount)s is not more than nothing.") % {"amount": amount})
