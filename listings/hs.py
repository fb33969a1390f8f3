"""HS codes by plain words or by their first digits."""

from __future__ import annotations

from django.db.models import F, FloatField, Func, Q, QuerySet, Value

from listings.models import HSCode
from listings.search import plain

MOST = 60


def find_codes(q: str) -> QuerySet[HSCode]:
    """Codes that start with the digits of `q`, or whose names have its words or something like them; all for
    nothing.
    """
    words = plain(q).split()[:8]
    codes = HSCode.objects.order_by("code")
    if not words:
        return codes[:400]
    if words[0].isascii() and words[0].isdigit():
        return codes.filter(code__startswith=words[0][:10])[:MOST]
    wanted = Func(Value(" ".join(words)), function="listings_plain")
    name = Func(F("name"), function="listings_plain")
    alike = Func(wanted, name, function="word_similarity", output_field=FloatField())
    matching = Q(alike__gte=0.4)
    for word in words:
        matching |= Q(name__icontains=word)
    return codes.annotate(alike=alike).filter(matching).order_by("-alike", "code")[:MOST]
