"""The sellers' part of what a live window saved: paid once their order is completed, taken back as it is refunded.

What is booked is always the share in proportion to what the seller keeps, rounded down. So whoever orders and refunds
earns nothing, in however many parts.
"""

from __future__ import annotations

from collections.abc import Set
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from fx.models import Conversion, Window, WindowShare
from fx.money import Money
from fx.rates import HUB
from payments import booking
from payments.ledger import codes
from payments.ledger.posting import Leg, post, posted_among
from payments.models import Payment, PaymentLine, Rebate
from payments.sellers.payable import lock_seller, made_payable

DUE = """
select s.conversion_id from fx_windowshare s join fx_window w on w.id = s.window_id and w.mode = 'live'
join fx_conversion c on c.id = s.conversion_id where s.rebate_minor > 0
and not exists (select 1 from payments_rebate r where r.conversion_id = s.conversion_id)
and exists (select 1 from ledger_journal j where j.key = 'release:' || c.ref) order by 1 limit 1000"""


def due_rebates() -> list[int]:
    """Conversions of orders that were released before their window closed."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        return [int(pk) for (pk,) in cursor.fetchall()]


def pay_rebate(conversion_id: int) -> None:
    """What is due for it, once."""
    conversion = Conversion.objects.get(pk=conversion_id)
    follow(_payment_of(conversion), conversion.ref)


def _payment_of(capture: Conversion) -> Payment:
    return Payment.objects.get(pk=capture.journal_key.removeprefix("capture:"))


def follow(payment: Payment, ref: str) -> None:
    follow_all({(payment.pk, ref)})


@transaction.atomic
def follow_all(orders: Set[tuple[UUID, str]]) -> None:
    """Bring the rebates of orders, each with its payment, to what is due: called when they are released, and when money
    of one goes back.

    Nothing before the release, nor while no live window has it. Harmless when repeated.
    """
    shares = WindowShare.objects.filter(
        conversion__journal_key__in=[f"capture:{payment}" for payment, _ref in orders],
        conversion__ref__in=[ref for _payment, ref in orders],
        window__mode=Window.Mode.LIVE,
        rebate_minor__gt=0,
    )
    found = list(shares.select_related("conversion__seller", "window").order_by("conversion__seller", "pk"))
    released = posted_among([f"release:{share.conversion.ref}" for share in found])
    for share in found:
        if f"release:{share.conversion.ref}" in released:
            _bring(share)


def _bring(share: WindowShare) -> None:
    conversion = share.conversion
    assert conversion.seller is not None, "only a seller's share has a rebate"
    payment = _payment_of(conversion)
    lock_seller(conversion.seller.pk)
    rebate, _new = Rebate.objects.get_or_create(
        conversion=conversion,
        defaults={
            "window": share.window,
            "ref": conversion.ref,
            "seller": conversion.seller,
            "currency": conversion.buy_currency,
            "most_minor": share.rebate_minor,
        },
    )
    due = _due(rebate, payment)
    hub = due if rebate.currency == HUB else Money(_hub(share, due.amount), HUB)
    if due != rebate.booked:
        _book(rebate, payment, due - rebate.booked, hub - rebate.hub)
        rebate.booked_minor, rebate.hub_minor = due.amount, hub.amount
        rebate.save(update_fields=["booked_minor", "hub_minor", "journals"])


def _due(rebate: Rebate, payment: Payment) -> Money:
    lines = PaymentLine.objects.filter(payment=payment, ref=rebate.ref, account__startswith="hold:")
    held = int(lines.aggregate(sum=Sum("target_minor"))["sum"])
    gone = int(lines.aggregate(sum=Sum("refund_lines__target_minor"))["sum"] or 0)
    return Money(rebate.most_minor * (held - gone) // held, rebate.currency)


def _hub(share: WindowShare, due: int) -> int:
    """What the platform gives for `due`: its part of the saving, rounded up; the difference is in the position."""
    most = -(-share.saving_minor * share.window.share_percent // 100)
    return -(-most * due // share.rebate_minor)


def _book(rebate: Rebate, payment: Payment, change: Money, hub: Money) -> None:
    """One journal. Where it crosses currencies, the next window has it."""
    rebate.journals += 1
    key, expense = f"rebate:{payment.pk}:{rebate.ref}:{rebate.journals}", (codes.expense("rebate", HUB), hub.amount)
    legs: list[Leg]
    if change.amount > 0:
        crossing = booking.Crossing(rebate.ref, hub, change, rebate.seller)
        legs = [expense, *booking.across(hub, change), *made_payable(rebate.seller_id, change)]
        post(key, "rebate", rebate.ref, legs)
    else:
        crossing = booking.Crossing(rebate.ref, -change, -hub, rebate.seller)
        debt = codes.seller_debt(rebate.seller_id, rebate.currency)
        legs = [(debt, -change.amount), *booking.across(-change, -hub), expense]
        post(key, "rebate_back", rebate.ref, legs)
    if rebate.currency != HUB:
        booking.record(key, payment, [crossing])
