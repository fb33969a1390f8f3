"""Money that a buyer's bank asks for stands still: no release, no refund, and what is payable of it is kept back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from fx.money import Money
from marketplace.lib.clock import now
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post, posted
from payments.models import Chargeback, ContestedMoney, Payment
from payments.refunds.refundable import Take, share_of
from payments.sellers.payable import lock_seller, made_payable


def unsettled(payment: Payment) -> QuerySet[Chargeback]:
    """Inquiries and chargebacks of the payment whose end has not reached its orders yet."""
    return Chargeback.objects.filter(payment=payment, settled_at=None)


def is_with_the_bank(payment: Payment) -> bool:
    """Whether the bank has this payment's money, or had it and the end is not booked: it must not move meanwhile."""
    return payment.pk in with_the_bank([payment])


def with_the_bank(payments: Iterable[Payment]) -> set[UUID]:
    """Ids of those of which `is_with_the_bank` holds."""
    asked = Chargeback.objects.filter(payment__in=payments, settled_at=None, kind=Chargeback.Kind.CHARGEBACK)
    return set(asked.values_list("payment_id", flat=True))


def keep_back(chargeback: Chargeback) -> None:
    """Keep back what is payable of the released orders that it asks for, under the payment's lock. Once while open."""
    for (seller_id, currency), minor in _released(share_of(chargeback.payment, chargeback.amount)).items():
        lock_seller(seller_id)
        payable = codes.seller(seller_id, currency)
        amount = min(balance(payable), Money(minor, currency))
        mine = chargeback.contested.filter(seller_id=seller_id, currency=currency, freed_at=None)
        if not amount or mine.exists():
            continue
        row = ContestedMoney.objects.create(
            chargeback=chargeback, seller_id=seller_id, currency=currency, amount_minor=amount.amount
        )
        contested = codes.seller_contested(seller_id, currency)
        post(
            f"contested:{row.pk}",
            "contested",
            str(chargeback.pk),
            [(payable, amount.amount), (contested, -amount.amount)],
        )


def lacking(seller_id: int, currency: str) -> Money:
    """What banks ask for of the seller's released orders and was not payable, so that it is not kept back."""
    mine = {"settled_at": None, "payment__lines__seller": seller_id, "payment__lines__target_currency": currency}
    lack = 0
    for chargeback in Chargeback.objects.filter(**mine).select_related("payment").distinct():
        asked = _released(share_of(chargeback.payment, chargeback.amount)).get((seller_id, currency), 0)
        kept = chargeback.contested.filter(seller_id=seller_id, currency=currency, freed_at=None)
        lack += max(asked - sum(row.amount_minor for row in kept), 0)
    return Money(lack, currency)


def free(chargeback: Chargeback) -> None:
    """It is over: what was kept back pays the seller's debt first, the rest is payable again."""
    for row in chargeback.contested.select_for_update().filter(freed_at=None).order_by("seller_id", "currency"):
        contested = codes.seller_contested(row.seller_id, row.currency)
        legs = [(contested, row.amount_minor), *made_payable(row.seller_id, row.amount)]
        post(f"contested:{row.pk}:freed", "uncontested", str(chargeback.pk), legs)
        row.freed_at = now()
        row.save(update_fields=["freed_at"])


def _released(taken: list[Take]) -> dict[tuple[int, str], int]:
    """What of it was released, by seller and currency."""
    sums: dict[tuple[int, str], int] = {}
    for one in taken:
        line = one.line
        if line.account.startswith("hold:") and posted(f"release:{line.ref}") is not None:
            assert line.seller_id is not None, "what is held is a seller's"
            key = (line.seller_id, line.target_currency)
            sums[key] = sums.get(key, 0) + one.target.amount
    return dict(sorted(sums.items()))
