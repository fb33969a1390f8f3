"""Invoices in the database: which payment has which address.

A coin's `create` asks this book for its payment's invoice; the first call gives out the account's next index,
later calls find it again. So nobody else has to allocate anything, and a repeated create shows the same address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from django.db import connection, transaction
from django.db.models import Max

from fx.models import Quote, Rate
from fx.money import EXPONENT
from payments.chain.invoice import Invoice, depth_for
from payments.models import ChainAddress, ChainReceipt, Payment


class DatabaseBook:
    """The invoices of one account on one chain: `derive` gives its address at an index, `depth` the confirmations that
    a quote waits for.

    No index below `first` is given out: a restored database may have forgotten some that were. Chains that start
    alike (`shared`) share their indexes, where the same key has the same address on all of them.
    """

    def __init__(
        self,
        chain: str,
        derive: Callable[[int], str],
        *,
        depth: Callable[[Quote], int],
        first: int = 0,
        shared: str | None = None,
    ) -> None:
        self.chain, self.derive, self.depth, self.first = chain, derive, depth, first
        self.shared = shared or chain

    @transaction.atomic
    def open(self, ref: str, *, height: int) -> Invoice:
        payment = Payment.objects.select_related("quote").filter(id=ref).first()
        if payment is None:
            raise LookupError(f"There is no payment {ref}.")
        with connection.cursor() as cursor:  # one at a time per chain, so that no index is given out twice
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('chain index'), hashtext(%s))", [self.shared])
        row = ChainAddress.objects.select_related("payment").filter(payment=payment).first()
        return invoice_of(row or self._give(payment, height))

    def at(self, addresses: Iterable[str]) -> list[Invoice]:
        rows = ChainAddress.objects.select_related("payment").filter(chain=self.chain, address__in=list(addresses))
        return [invoice_of(row) for row in rows]

    def given(self) -> list[str]:
        return list(ChainAddress.objects.filter(chain=self.chain).values_list("address", flat=True))

    def counted(self, txids: Iterable[str]) -> dict[tuple[str, int, str], int]:
        """What counts of the receipts of these transactions by transaction, number and block, so far as it is known."""
        rows = ChainReceipt.objects.filter(address__chain=self.chain, txid__in=list(txids), amount_minor__gt=0)
        known = rows.exclude(block_hash="").values_list("txid", "vout", "block_hash", "amount_minor")
        return {(txid, vout, block): amount for txid, vout, block, amount in known}

    def _give(self, payment: Payment, height: int) -> ChainAddress:
        alike = ChainAddress.objects.filter(chain__startswith=self.shared)
        latest = alike.aggregate(latest=Max("index"))["latest"]
        index = max(self.first, 0 if latest is None else latest + 1)
        return ChainAddress.objects.create(
            chain=self.chain,
            index=index,
            address=self.derive(index),
            payment=payment,
            confirmations=self.depth(payment.quote),
            born_height=height,
        )


def invoice_of(row: ChainAddress) -> Invoice:
    payment = row.payment
    return Invoice(
        address=row.address,
        index=row.index,
        due=payment.amount,
        confirmations=row.confirmations,
        born_height=row.born_height,
        expires_at=payment.expires_at,
        give_up_at=payment.monitor_until,
    )


def by_value(quote: Quote) -> int:
    """Bitcoin's rule: the more it is worth, the deeper."""
    return depth_for(eur_cents(quote))


def eur_cents(quote: Quote) -> int | None:
    """What the quote's amount is worth in euro cents at its own rates, rounded up; none without a rate."""
    if quote.currency == "EUR":
        return quote.amount_minor
    rate = Rate.objects.filter(rate_set=quote.rate_set_id, currency=quote.currency).first()
    if rate is None:
        return None
    cents = Fraction(quote.amount_minor * 100, 10 ** EXPONENT[quote.currency]) / Fraction(rate.per_eur)
    return -(-cents.numerator // cents.denominator)
