"""Conversions: money that crossed currencies in the books, one row per journal, order and pair."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from fx.errors import ConversionClash
from fx.models import Conversion, Quote
from fx.money import Money
from marketplace.models import User


@transaction.atomic
def record_conversion(
    *,
    journal_key: str,
    ref: str,
    quote: Quote | None,
    sell: Money,
    buy: Money,
    seller: User | None = None,
    counted: bool = False,
) -> Conversion:
    """`sell` came in and `buy` is owed. A replay changes nothing; with other amounts it is
    ConversionClash. Components of one order in one journal are added up first. `counted`: both currencies are
    really held, so that a netting window collects it."""
    row, created = Conversion.objects.get_or_create(
        journal_key=journal_key,
        ref=ref,
        sell_currency=sell.currency,
        buy_currency=buy.currency,
        defaults={
            "quote": quote,
            "sell_minor": sell.amount,
            "buy_minor": buy.amount,
            "seller": seller,
            "counted": counted,
        },
    )
    if not created and (row.sell_minor, row.buy_minor) != (sell.amount, buy.amount):
        raise ConversionClash(
            f"Journal {journal_key} has {row.sell_minor} {row.sell_currency} for {row.buy_minor} "
            f"{row.buy_currency} of {ref}; not {sell} for {buy}. Use a new journal key."
        )
    return row


def record_conversions(rows: Iterable[Conversion]) -> None:
    """Many at once, of journals that are new in this transaction. ConversionClash where a journal has some already."""
    try:
        with transaction.atomic():
            Conversion.objects.bulk_create(rows)
    except IntegrityError as error:
        raise ConversionClash(f"One of these journals has its conversions already: {error}") from error
