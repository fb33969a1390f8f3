"""What the card page shows of a payment: `{% card payment as form %}`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.core import signing

from payments.doubles.stripe.cards import OFFERED
from payments.models import Payment
from payments.processors import registry
from payments.processors.stripe import Stripe

register = template.Library()
SALT = "payments.stripe.pay"
TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class CardView:
    """`demo`: a test form in the place of Stripe's fields. `client_secret` is empty until Stripe knows the payment,
    `page` is where the payment goes on when it moved to Stripe's own page."""

    token: str
    demo: bool
    cards: Sequence[tuple[str, Any]]
    publishable_key: str
    client_secret: str
    page: str


@register.simple_tag
def card(payment: Payment) -> CardView:
    processor = registry.get(payment.processor)
    assert isinstance(processor, Stripe)
    return CardView(
        token=token_for(payment.pk),
        demo=bool(processor.api_base),
        cards=OFFERED,
        publishable_key=str(payment.client.get("publishable_key", "")),
        client_secret=str(payment.client.get("client_secret", "")),
        page=str(payment.client.get("checkout", "")),
    )


def token_for(payment_id: uuid.UUID) -> str:
    """Proof that somebody was shown the page of this payment; good for a day."""
    return signing.dumps(str(payment_id), salt=SALT)


def is_for(token: str, payment_id: uuid.UUID) -> bool:
    try:
        return bool(signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS) == str(payment_id))
    except signing.BadSignature:
        return False
