"""What sellers were given back of the exchange, by the books."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Sum

from fx.money import Money
from payments.models.ledger import Entry


def rebates_of(refs: Collection[str]) -> dict[str, Money]:
    """By order, in the seller's money: what rebates made payable, less what ended again. One query; none: not there."""
    entries = Entry.objects.filter(
        journal__ref__in=refs, journal__kind__startswith="rebate", account__code__startswith="seller:"
    )
    sums = entries.values_list("journal__ref", "currency").annotate(given=Sum("amount"))
    return {ref: Money(-int(given), currency) for ref, currency, given in sums if given}
