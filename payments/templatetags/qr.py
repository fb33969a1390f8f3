"""A QR code on a page, by the name that every template may load."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from payments.chain.qr import qr_svg

register = template.Library()


@register.simple_tag
def qr(text: str) -> SafeString:
    return qr_svg(text, title=_("QR code of the payment"))
