"""How a seller can be paid: `{% reach country currency as ways %}`."""

from __future__ import annotations

from django import template

from payments.payouts.reach import Reach
from payments.payouts.reach import reach as find

register = template.Library()


@register.simple_tag
def reach(country: str | None, currency: str | None) -> Reach:
    return find(country or "", currency or "")
