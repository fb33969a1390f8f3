"""Of which money a payout is: same currency first. What came in as its currency goes before what was exchanged.

By the books of the seller's account alone, in their sequence, to the unit. What leaves it otherwise (debts, purchases,
a bank's claim) takes what was exchanged first, so that a payout has as much of its own currency as there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import F, QuerySet

from fx.money import Money
from payments.ledger import codes
from payments.models import Payout
from payments.netting.held import settles

# A seller's entries, oldest first; for what an order brought, the payment that its hold came from.
ENTRIES = """
select j.kind, j.key, j.ref, -e.amount, coalesce(p.currency, ''), coalesce(p.processor, '')
from ledger_account a
join ledger_entry e on e.account_id = a.id
join ledger_journal j on j.id = e.journal_id
left join ledger_account h on j.kind in ('release', 'reserve_freed') and h.code = 'hold:' || j.ref
left join lateral (
  select c.key from ledger_entry held join ledger_journal c on c.id = held.journal_id
  where held.account_id = h.id and c.kind = 'capture' order by c.id limit 1) c on true
left join payments_payment p on p.id = substr(c.key, 9)::uuid
where a.code = %s order by j.id"""
GIVEN_BACK = ("payout_back", "payout_returned")


@dataclass
class Pots:
    """A seller's payable in minor units: what came in as its currency, and all else."""

    own: int = 0
    other: int = 0
    taken: dict[str, int] = field(default_factory=dict)  # of what came in as it, by the key of who took it

    def put(self, minor: int, own: int) -> None:
        self.own, self.other = self.own + own, self.other + minor - own

    def take(self, minor: int) -> int:
        """What was exchanged first; how much of it came in as its currency."""
        own = minor - min(self.other, minor)
        self.put(-minor, -own)
        return own

    def pay(self, minor: int) -> int:
        """What came in as its currency first; how much of it did."""
        own = min(self.own, minor)
        self.put(-minor, -own)
        return own


def matched(seller_id: int, currency: str, amount: Money, repaid: Money) -> Money:
    """How much of a payout of `amount`, asked for now, came in as its currency; `repaid` goes to the debt before it."""
    pots = _pots(seller_id, currency)
    pots.take(repaid.amount)
    return Money(pots.pay(amount.amount), currency)


def same_currency_first(payouts: QuerySet[Payout]) -> QuerySet[Payout]:
    """The sequence in which money is given to them: first whose money is there, then who needs least exchange."""
    lacks = F("amount_minor") - F("matched_minor")
    return payouts.order_by("currency", lacks.asc(nulls_last=True), "requested_at", "pk")


def _pots(seller_id: int, currency: str) -> Pots:
    pots = Pots()
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [codes.seller(seller_id, currency).code])
        rows = cursor.fetchall()
    asked = Payout.objects.filter(seller=seller_id, currency=currency).values_list("pk", "amount_minor")
    amounts = {str(pk): minor for pk, minor in asked}
    for kind, key, ref, minor, paid_in, processor in rows:
        if minor < 0:
            _leave(pots, kind, key, ref, -int(minor), amounts)
        else:
            own = _came_in(kind, key, ref, int(minor), pots, as_it=_came_as(currency, paid_in, processor))
            pots.put(int(minor), own)
    return pots


def _leave(pots: Pots, kind: str, key: str, ref: str, minor: int, asked: dict[str, int]) -> None:
    """A payout takes with it what it repays of a debt, before itself."""
    if kind == "payout":
        amount = asked[ref]
        pots.take(minor - amount)
        pots.taken[key] = pots.pay(amount)
    else:
        pots.taken[key] = pots.take(minor)


def _came_in(kind: str, key: str, ref: str, minor: int, pots: Pots, *, as_it: bool) -> int:
    """How much of a credit came in as its currency: of what is only given back, as much as was taken."""
    if kind in GIVEN_BACK:
        return min(pots.taken.get(f"payout:{ref}", 0), minor)
    if kind == "uncontested":
        return min(pots.taken.get(key.removesuffix(":freed"), 0), minor)
    return minor if as_it else 0


def _came_as(currency: str, paid_in: str, processor: str) -> bool:
    """Whether an order's payment is there in `currency`. What a sales balance paid may have come in as another."""
    return paid_in == currency and processor != "balance" and settles(processor, currency)
