"""Rolling reserve: a part of a shop's releases waits some days before it is payable."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import Chargeback, Reserve
from payments.sellers.payable import made_payable


def kept_of(ref: str, seller: User, amount: Money, days: int) -> Reserve | None:
    """The row that says that `amount` of `ref` waits `days`, not saved; the release posts it. None: nothing does."""
    if not amount or not days:
        return None
    until = now() + dt.timedelta(days=days)
    return Reserve(
        ref=ref, seller=seller, currency=amount.currency, amount_minor=amount.amount, until=until, kept_at=now()
    )


def due(limit: int = 200) -> list[int]:
    """Ids of the reserves whose time is over, the longest waiting first."""
    waiting = _due()
    return list(waiting.order_by("until").values_list("pk", flat=True)[:limit])


def _due() -> QuerySet[Reserve]:
    """Not what a buyer's bank asks for: its order's reserve waits until that is settled."""
    asked = Chargeback.objects.filter(settled_at=None, payment__lines__ref=OuterRef("ref"))
    return Reserve.objects.filter(~Exists(asked), freed_at=None, until__lte=now())


@transaction.atomic
def free(reserve_id: int) -> Reserve | None:
    """Make a reserve payable, an open debt of the seller first. None when it is not due or was freed."""
    reserve = _due().select_for_update(of=("self",)).filter(pk=reserve_id).first()
    if reserve is None:
        return None
    kept = codes.seller_reserve(reserve.seller_id, reserve.currency)
    legs = [(kept, reserve.amount_minor), *made_payable(reserve.seller_id, reserve.amount)]
    post(f"reserve:{reserve.ref}", "reserve_freed", reserve.ref, legs)
    reserve.freed_at = now()
    reserve.save(update_fields=["freed_at"])
    return reserve
