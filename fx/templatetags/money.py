"""`{{ price|money }}` and `{{ points|percent }}`, in the page's language."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from fx.format import NBSP, format_money, format_points
from fx.money import Money

register = template.Library()


@register.filter
def money(value: Money | str | None) -> SafeString:
    """The amount, kept in its own direction inside right-to-left text; nothing for no money."""
    if not isinstance(value, Money):  # a template's missing variable is None or ""
        return SafeString("")
    return format_html('<bdi class="num">{}</bdi>', format_money(value, get_language() or "en"))


@register.filter
def percent(points: int) -> str:
    """153 basis points as `1.53 %`: what they are to everybody who does not count in them."""
    return format_points(points, get_language() or "en") + NBSP + "%"
