"""What the platform really holds: only that can be matched. A processor that pays out in another currency has
exchanged already; its exchange is its own (`converted` in the books) and in no window."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings

from fx.models import Conversion
from fx.money import COINS
from payments.models import Payment


def counts(key: str, payment: Payment, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether the journal `key` counts for netting: whole, or not at all.

    A capture does when its processor settles in what came in and a bank account holds what is owed. Whatever follows
    it (refund, reversal, fee across currencies) does as its capture did: what goes back meets what came.
    """
    capture = f"capture:{payment.pk}"
    if key != capture:
        return payment.pk in counting([payment])
    return settles(payment.processor, payment.currency) and all(has_account(buy) for _sell, buy in pairs)


def counting(payments: Iterable[Payment]) -> set[UUID]:
    """Ids of those whose capture counted, so that what follows it does."""
    captures = {f"capture:{payment.pk}": payment.pk for payment in payments}
    counted = Conversion.objects.filter(journal_key__in=captures, counted=True)
    return {captures[key] for key in counted.values_list("journal_key", flat=True)}


def settles(processor: str, currency: str) -> bool:
    """Whether `processor` pays us in `currency`. Coins are there as they came; what a sales balance pays with is where
    the money of its currency is. A package's processor says it by its own `settlement_currencies`, like EUR,USD."""
    if currency in COINS:
        return True
    if processor in ("bank", "transfer", "balance"):
        return has_account(currency)
    said = settings.PROCESSORS.get(processor, {}).get("settlement_currencies", ())
    return currency in ([one.strip() for one in said.split(",")] if isinstance(said, str) else said)


def has_account(currency: str) -> bool:
    """Whether one of the platform's bank accounts is in `currency`."""
    return currency in settings.PROCESSORS.get("bank", {}).get("accounts", {})
