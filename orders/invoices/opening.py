"""Which orders go on which invoice: what was released and is on none yet, per seller, currency and month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from marketplace.lib.clock import now
from payments.models import Invoice, InvoiceLine
from payments.sellers.payable import lock_seller

GRACE = dt.timedelta(hours=1)  # after a month's end: what began before it is in the books by then
UNSAID = """
select s.owner_id, o.currency, o.number, j.occurred_at, -sum(e.amount)::bigint, o.processing_minor
  from orders_order o
  join listings_shop s on s.id = o.shop_id
  join ledger_journal j on j.key = 'release:' || o.number
  join ledger_entry e on e.journal_id = j.id
  join ledger_account a on a.id = e.account_id and a.code = 'income:commission:' || o.currency
 where o.commission_minor > 0 and o.completed_at < %(until)s and j.occurred_at < %(until)s
   and not exists (select 1 from payments_invoiceline l where l.ref = o.number)
   and (%(seller)s is null or s.owner_id = %(seller)s)
 group by 1, 2, 3, 4, 6 having sum(e.amount) < 0 order by j.occurred_at, o.number"""


@dataclass(frozen=True, slots=True)
class Released:
    """An order's commission as its release took it, and the processor's fee that was passed on, in minor units."""

    seller_id: int
    currency: str
    number: str
    at: dt.datetime
    commission: int
    processing: int


def due() -> list[int]:
    """Sellers with orders of months that are over and on no invoice."""
    return sorted({row.seller_id for row in _unsaid(month_over(), None)})


def month_over() -> dt.datetime:
    """The end of the last month that is surely in the books, in UTC."""
    return _month_start(now() - GRACE)


@transaction.atomic
def open_invoices(seller_id: int, until: dt.datetime | None = None) -> list[Invoice]:
    """An invoice per currency and month for all that was released before `until`, the last month's end by default.

    Harmless when repeated, and in two places at once: an order is on one invoice.
    """
    lock_seller(seller_id)
    until = until or month_over()
    groups: dict[tuple[str, dt.datetime], list[Released]] = {}
    for row in _unsaid(until, seller_id):
        groups.setdefault((row.currency, min(until, _month_end(row.at))), []).append(row)
    return [_open(seller_id, currency, end, rows) for (currency, end), rows in sorted(groups.items())]


def _open(seller_id: int, currency: str, until: dt.datetime, rows: list[Released]) -> Invoice:
    whole = sum(row.commission for row in rows)
    invoice = Invoice.objects.create(seller_id=seller_id, currency=currency, until=until, gross_minor=whole)
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            ref=row.number,
            released_at=row.at,
            commission_minor=row.commission,
            processing_minor=row.processing,
        )
        for row in rows
    )
    return invoice


def _unsaid(until: dt.datetime, seller_id: int | None) -> list[Released]:
    asked: dict[str, Any] = {"until": until, "seller": seller_id}
    with connection.cursor() as cursor:
        cursor.execute(UNSAID, asked)
        return [Released(*row) for row in cursor.fetchall()]


def _month_end(at: dt.datetime) -> dt.datetime:
    return _month_start(_month_start(at) + dt.timedelta(days=31))


def _month_start(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def has_unsaid(seller_id: int, until: dt.datetime) -> bool:
    """Whether anything of this seller was released and is on no invoice."""
    return bool(_unsaid(until, seller_id))
