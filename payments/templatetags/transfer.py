"""What the page of a bank transfer shows beside the account: the code for banks' apps, and what is still due."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from segno.helpers import make_epc_qr

from fx.money import Money
from payments.chain.qr import svg
from payments.models import Payment

register = template.Library()


@register.simple_tag
def epc(payment: Payment) -> SafeString | None:
    """EPC069-12, which is for euros only."""
    to = payment.client
    if payment.currency != "EUR" or not to:
        return None
    due = still_due(payment).decimal
    code = make_epc_qr(name=to["holder"], iban=to["iban"], bic=to["bic"], amount=due, reference=to["reference"])
    return svg(code, title=_("QR code of the payment"))


@register.filter
def still_due(payment: Payment) -> Money:
    return max(payment.amount - payment.received, Money(0, payment.currency))


@register.filter
def spaced(text: str) -> str:
    """In fours, as people copy it."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
