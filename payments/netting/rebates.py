"""The sellers' part of what a live window saved: paid once their order is completed, taken back as it is refunded.

What is booked is always the share in proportion to what the seller keeps, rounded down. So whoever orders and refunds
earns nothing, in however many parts. Many orders take as many statements as one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence, Set
from uuid import UUID

from django.db import connection, transaction

from fx.models import Conversion, Window, WindowShare
from marketplace.lib.clock import now
from marketplace.lib.halving import by_halves
from payments import booking
from payments.ledger.posting import post_all, posted_among
from payments.models import Payment, Rebate
from payments.netting.rebatebooks import RebateBooks, order_of
from payments.sellers.payable import lock_sellers

SET = 500  # orders of one transaction
AHEAD = 2_000  # of one look for what is due: a look reads all shares of the windows that are not through
# A release that began before a window closed has not seen it, and ends within this time: the sweep meets its rebate.
UNSEEN = dt.timedelta(hours=1)
DUE = """
select s.conversion_id from fx_window w join fx_windowshare s on s.window_id = w.id
join fx_conversion c on c.id = s.conversion_id
where w.mode = 'live' and w.rebated_at is null and s.rebate_minor > 0 and s.conversion_id <> all(%(besides)s)
and not exists (select 1 from payments_rebate r where r.conversion_id = s.conversion_id)
and exists (select 1 from ledger_journal j where j.key = 'release:' || c.ref) order by 1 limit %(limit)s"""


def due_rebates(*, besides: Collection[int] = (), limit: int = AHEAD) -> list[int]:
    """Conversions of orders that were released before their window closed; the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"besides": list(besides), "limit": limit})
        return [int(pk) for (pk,) in cursor.fetchall()]


def pay_rebates(conversions: Sequence[int]) -> list[int]:
    """What is due for each, once: a transaction for each set. One that is refused takes none with it; it comes back."""
    refused = []
    for first in range(0, len(conversions), SET):
        refused += by_halves(conversions[first : first + SET], _pay)
    return refused


def pay_rebate(conversion: int) -> None:
    """What is due for it, once."""
    _pay([conversion])


def finish_windows() -> None:
    """Nothing is due any more: from now on the release of each order pays its rebate, and no sweep looks there."""
    through = Window.objects.filter(mode=Window.Mode.LIVE, rebated_at=None, closed_at__lt=now() - UNSEEN)
    through.update(rebated_at=now())


def _pay(conversions: Sequence[int]) -> list[int]:
    keys = Conversion.objects.filter(pk__in=conversions).values_list("journal_key", "ref")
    follow_all({order_of(key, ref) for key, ref in keys})
    return []


def follow(payment: Payment, ref: str) -> None:
    follow_all({(payment.pk, ref)})


@transaction.atomic
def follow_all(orders: Set[tuple[UUID, str]]) -> None:
    """Bring the rebates of orders, each with its payment, to what is due: called when they are released, and when money
    of one goes back.

    Nothing before the release, nor while no live window has it. Harmless when repeated. Payments are locked, then
    sellers, as a release does it: what is read after that (refunds, debts, rebates) cannot change meanwhile.
    """
    shares = _shares(orders)
    if not shares:
        return
    payments = _locked({payment for payment, _ref in orders})
    released = posted_among([f"release:{share.conversion.ref}" for share in shares])
    shares = [share for share in shares if f"release:{share.conversion.ref}" in released]
    if not shares:
        return
    lock_sellers({share.conversion.seller_id for share in shares if share.conversion.seller_id is not None})
    books = RebateBooks(shares, payments)
    post_all(books.drafts)
    booking.record_following(books.crossed)
    Rebate.objects.bulk_create(books.new)
    Rebate.objects.bulk_update(books.changed, ["booked_minor", "hub_minor", "journals"])


def _shares(orders: Set[tuple[UUID, str]]) -> list[WindowShare]:
    """In the order in which they are paid: by seller, the oldest first."""
    shares = WindowShare.objects.filter(
        conversion__journal_key__in=[f"capture:{payment}" for payment, _ref in orders],
        conversion__ref__in=[ref for _payment, ref in orders],
        window__mode=Window.Mode.LIVE,
        rebate_minor__gt=0,
    )
    return list(
        shares.select_related("conversion__seller", "window").order_by("conversion__seller_id", "conversion_id")
    )


def _locked(ids: set[UUID]) -> dict[UUID, Payment]:
    rows = Payment.objects.select_for_update(of=("self",)).defer("client").filter(pk__in=ids)
    return {payment.pk: payment for payment in rows.order_by("pk")}
