"""Invoices in the database: which payment has which address.

`Bitcoin.create` asks this book for its payment's invoice; the first call gives out the account's next index,
later calls find it again. So nobody else has to allocate anything, and a repeated create shows the same address.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from django.db import connection, transaction
from django.db.models import Max

from fx.models import Quote, Rate
from fx.money import EXPONENT
from payments.chain.addresses import Account
from payments.chain.invoice import Invoice, depth_for
from payments.models import ChainAddress, Payment


class DatabaseBook:
    """The invoices of one account on one chain. No index below `first` is given out: a restored database may
    have forgotten some that were."""

    def __init__(self, account: Account, *, first: int = 0) -> None:
        self.account, self.first = account, first
        self.chain = chain_of(account.network)

    @transaction.atomic
    def open(self, ref: str, *, height: int) -> Invoice:
        payment = Payment.objects.select_related("quote").filter(id=ref).first()
        if payment is None:
            raise LookupError(f"There is no payment {ref}.")
        with connection.cursor() as cursor:  # one at a time per chain, so that no index is given out twice
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('chain index'), hashtext(%s))", [self.chain])
        row = ChainAddress.objects.select_related("payment").filter(payment=payment).first()
        return invoice_of(row or self._give(payment, height))

    def at(self, addresses: Iterable[str]) -> list[Invoice]:
        rows = ChainAddress.objects.select_related("payment").filter(chain=self.chain, address__in=list(addresses))
        return [invoice_of(row) for row in rows]

    def _give(self, payment: Payment, height: int) -> ChainAddress:
        latest = ChainAddress.objects.filter(chain=self.chain).aggregate(latest=Max("index"))["latest"]
        index = max(self.first, 0 if latest is None else latest + 1)
        return ChainAddress.objects.create(
            chain=self.chain,
            index=index,
            address=self.account.address(index),
            payment=payment,
            confirmations=depth_for(eur_cents(payment.quote)),
            born_height=height,
        )


def chain_of(network: str) -> str:
    return f"bitcoin:{network}"


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


def eur_cents(quote: Quote) -> int | None:
    """What the quote's amount is worth in euro cents at its own rates, rounded up; none without a rate."""
    if quote.currency == "EUR":
        return quote.amount_minor
    rate = Rate.objects.filter(rate_set=quote.rate_set_id, currency=quote.currency).first()
    if rate is None:
        return None
    cents = Fraction(quote.amount_minor * 100, 10 ** EXPONENT[quote.currency]) / Fraction(rate.per_eur)
    return -(-cents.numerator // cents.denominator)
