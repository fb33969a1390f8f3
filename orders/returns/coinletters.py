"""Letters to buyers whose coins go back: where shall they go?"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from marketplace.letters import write
from marketplace.lib.clock import now
from orders.models import Checkout
from payments.cases import open_case
from payments.models import Case, Refund
from payments.refunds.addresses import REMIND

State = Refund.State


def due(limit: int = 200) -> list[uuid.UUID]:
    waiting = Refund.objects.filter(state=State.NEEDS_ADDRESS, remind_at__lte=now()).order_by("remind_at")
    return list(waiting.values_list("pk", flat=True)[:limit])


@transaction.atomic
def remind(refund_id: uuid.UUID) -> None:
    """The next letter; after the last one a person looks for the buyer. The refund stays owed."""
    rows = Refund.objects.select_for_update(of=("self",)).select_related("payment")
    refund = rows.filter(pk=refund_id, state=State.NEEDS_ADDRESS, remind_at__lte=now()).first()
    checkout = Checkout.objects.filter(public_id=refund.payment.ref).first() if refund is not None else None
    if refund is None:
        return
    if checkout is not None:
        ask(checkout, refund, day=(now() - refund.created_at).days)
    later = [refund.created_at + step for step in REMIND if refund.created_at + step > now()]
    refund.remind_at = later[0] if later else None
    refund.save(update_fields=["remind_at"])
    if not later:
        says = "Nobody has said for half a year where these coins go. They stay owed."
        open_case(Case.Kind.BY_HAND, processor=refund.payment.processor, ref=f"refund {refund.pk}", says=says)


def ask(checkout: Checkout, refund: Refund, *, day: int) -> None:
    link = settings.SITE_URL + reverse("orders:pay", args=[checkout.token])
    write(
        key=f"refund_address:{refund.pk}:{day}",
        to=checkout.email,
        template="refund_address",
        context={"refund": refund, "link": link, "number": refund.ref or checkout.public_id},
        language=checkout.language,
    )
