"""Quotes: amounts locked for minutes, made by the server only, paid once by their owner only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fx.errors import QuoteError, QuoteExpired, QuoteNotFound, QuoteOutdated, QuoteUsed
from fx.models import PiecePrice, Quote, QuoteLine
from fx.money import COINS, CurrencyMismatch, Money, total
from fx.rates import Rates
from fx.services.markup import kept_markups
from marketplace.lib.clock import now

KEPT = timedelta(days=7)  # a quote that nobody used: as long as an API's answer is repeated
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class PieceDraft:
    """`quantity` pieces, each for `amount`, of which the seller gets `target`. `how`: see PiecePrice."""

    how: str
    amount: Money
    target: Money
    quantity: int


@dataclass(frozen=True, slots=True)
class QuoteDraft:
    """One line: `target` as `ref`'s seller or scheme gets it, `amount` as the buyer owes it.

    `pieces`: what of both is a price that was set in the buyer's money.
    """

    ref: str
    component: str
    target: Money
    amount: Money
    pieces: Sequence[PieceDraft] = ()


@transaction.atomic
def issue_quote(
    *,
    owner: str,
    basket: str,
    currency: str,
    pay_currency: str,
    lines: Sequence[QuoteDraft],
    rates: Rates,
    lifetime: timedelta | None = None,
) -> Quote:
    """Lock the lines' amounts, and what they are in `pay_currency`, until the quote expires.

    The total is converted once, rounded up, and shared among the lines, so that both columns sum
    to the unit. RateMissing when `pay_currency` needs a rate that is not there; QuoteError when
    there is nothing to pay. A longer `lifetime` only where nothing is exchanged.
    """
    amount = total((line.amount for line in lines), currency)
    if not amount:
        raise QuoteError(_("There is nothing to pay. Put something into the cart first."))
    currencies = {line.target.currency for line in lines} | {pay_currency}
    assert lifetime is None or currencies == {currency}, "an exchange is never locked for long"
    coin_bps = 0 if pay_currency == currency else settings.COIN_SPREAD_BPS
    pay = rates.convert(amount, pay_currency, bps=coin_bps, up=True)
    issued_at = now()
    quote = Quote.objects.create(
        owner=owner,
        basket=basket,
        rate_set_id=rates.id or None,
        spread_bps=settings.SPREAD_BPS,
        coin_spread_bps=coin_bps,
        currency=currency,
        amount_minor=amount.amount,
        pay_currency=pay_currency,
        pay_minor=pay.amount,
        created_at=issued_at,
        expires_at=issued_at + (lifetime or _lifetime(pay_currency)),
        markups=kept_markups(
            rates,
            currency=currency,
            targets=[line.target.currency for line in lines],
            bps=settings.SPREAD_BPS,
        ),
    )
    shares = shares_of(pay, lines)
    rows = [_line(quote, line, share) for line, share in zip(lines, shares, strict=True)]
    QuoteLine.objects.bulk_create(rows)
    PiecePrice.objects.bulk_create(
        _piece(row, piece) for row, line in zip(rows, lines, strict=True) for piece in line.pieces
    )
    return quote


def shares_of(pay: Money, lines: Sequence[QuoteDraft]) -> list[Money]:
    """`pay` shared among the lines by their amounts, to the unit."""
    return pay.split(*(line.amount.amount for line in lines))


@transaction.atomic
def use_quote(quote_id: uuid.UUID | str, *, owner: str, basket: str) -> Quote:
    """Mark the quote used, once; QuoteNotFound, QuoteUsed, QuoteOutdated or QuoteExpired instead.

    Two that compete for it wait for each other; the row lock lasts until the caller's commit.
    """
    quote = Quote.objects.select_for_update().filter(pk=_uuid(quote_id), owner=owner).first()
    if quote is None:
        raise QuoteNotFound
    if quote.used_at is not None:
        raise QuoteUsed
    if quote.basket != basket:
        raise QuoteOutdated
    used_at = now()
    if used_at >= quote.expires_at:
        raise QuoteExpired
    quote.used_at = used_at
    quote.save(update_fields=["used_at"])
    return quote


def forget_unused() -> int:
    """Delete quotes that expired a week ago without being used, some at a time; how many. Most quotes end so."""
    old, gone = Quote.objects.filter(used_at=None, expires_at__lt=now() - KEPT).order_by("expires_at"), 0
    while some := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        Quote.objects.filter(pk__in=some).delete()
        gone += len(some)
    return gone


def _lifetime(pay_currency: str) -> timedelta:
    coin = pay_currency in COINS
    return timedelta(minutes=settings.COIN_QUOTE_MINUTES if coin else settings.QUOTE_MINUTES)


def _line(quote: Quote, draft: QuoteDraft, share: Money) -> QuoteLine:
    if draft.amount.currency != quote.currency:
        raise CurrencyMismatch(draft.amount.currency, quote.currency)
    return QuoteLine(
        quote=quote,
        ref=draft.ref,
        component=draft.component,
        target_currency=draft.target.currency,
        target_minor=draft.target.amount,
        minor=draft.amount.amount,
        pay_minor=share.amount,
    )


def _piece(line: QuoteLine, draft: PieceDraft) -> PiecePrice:
    return PiecePrice(
        line=line,
        how=draft.how,
        minor=draft.amount.amount,
        target_minor=draft.target.amount,
        quantity=draft.quantity,
    )


def _uuid(quote_id: uuid.UUID | str) -> uuid.UUID:
    """What a client sent as the id of a quote; anything else than a UUID is not found."""
    try:
        return quote_id if isinstance(quote_id, uuid.UUID) else uuid.UUID(quote_id)
    except (ValueError, AttributeError, TypeError):
        raise QuoteNotFound from None
