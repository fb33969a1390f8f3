"""What a receipt says in sentences: on the page and on paper alike."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _


def role() -> str:
    """Who sold, and what the marketplace did."""
    return _(
        "Each seller named here sold the goods to you. %(site)s is the marketplace: it took your payment, holds it "
        "until you have the goods and then pays the seller. This is a receipt for what you paid, not a tax invoice."
    ) % {"site": settings.SITE_HOST}


def correction(number: str) -> str:
    return _("This receipt replaces receipt %(number)s.") % {"number": number}


def title(number: str) -> str:
    return _("Receipt %(number)s") % {"number": number}
