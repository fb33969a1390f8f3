"""What a payout pays: the orders whose money it takes, each with its fee sheet, and what is from before."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fx.money import Money
from marketplace.models import User
from orders.checkout.actualfees import sheets_of
from orders.checkout.feesheet import FeeSheet
from orders.models import Order
from payments.ledger import codes
from payments.models import Entry, Journal, Payout

GONE = (Payout.State.FAILED, Payout.State.CANCELED)
MOST = 200  # orders that are shown; the amounts count all


@dataclass(frozen=True, slots=True)
class Paid:
    """An order and what its release made payable, in the payout's currency."""

    order: Order
    released: Money
    sheet: FeeSheet

    @property
    def paid_in(self) -> str:
        """The currency that came in; another than that of `released`: it was exchanged."""
        return self.order.checkout.payment.currency


@dataclass(frozen=True, slots=True)
class PayoutSheet:
    """`orders` as far as they are shown. All `count` of them together and `rest` are the payout's amount.

    `rest`: left from before, freed or taken otherwise (reserves, debts, purchases); may be negative.
    """

    payout: Payout
    orders: list[Paid]
    count: int
    released: Money
    rest: Money


def payout_sheet(seller: User, pk: UUID) -> PayoutSheet | None:
    """By the books: what was released after the seller's payout before, unless that came back. None: not theirs."""
    payout = Payout.objects.filter(seller=seller, pk=pk).select_related("method").first()
    journal = Journal.objects.filter(key=f"payout:{pk}").first()
    if payout is None or journal is None:
        return None
    sums = _released(payout, _before(payout, journal), journal.pk)
    newest = list(sums)[-MOST:]
    orders = Order.objects.filter(number__in=newest, shop__owner=seller).select_related("checkout__payment__quote")
    found = {order.number: order for order in orders}
    sheets = sheets_of(list(found.values()))
    paid = [Paid(found[ref], sums[ref], sheets[found[ref].pk]) for ref in newest if ref in found]
    released = Money(sum(money.amount for money in sums.values()), payout.currency)
    return PayoutSheet(payout, paid, len(sums), released, payout.amount - released)


def _before(payout: Payout, journal: Journal) -> int:
    """The journal of the payout before; 0 for the first."""
    others = Payout.objects.filter(seller_id=payout.seller_id, currency=payout.currency).exclude(state__in=GONE)
    keys = [f"payout:{pk}" for pk in others.exclude(pk=payout.pk).values_list("pk", flat=True)]
    last = Journal.objects.filter(key__in=keys, pk__lt=journal.pk).order_by("-pk").first()
    return 0 if last is None else int(last.pk)


def _released(payout: Payout, after: int, until: int) -> dict[str, Money]:
    """By order, in the order of the books."""
    code = codes.seller(payout.seller_id, payout.currency).code
    entries = Entry.objects.filter(
        account__code=code, journal__kind="release", journal_id__gt=after, journal_id__lt=until
    )
    rows = entries.order_by("journal_id").values_list("journal__ref", "amount")
    return {ref: Money(-amount, payout.currency) for ref, amount in rows}
