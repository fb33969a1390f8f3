"""What staff should know about the border, on the first page of the admin."""

from __future__ import annotations

from django import template

from listings.services.rules import trouble

register = template.Library()


@register.simple_tag
def rules_trouble() -> str:
    """How many import rules want a look; empty when none does."""
    return trouble()
