"""What can be bought and sent to a country: full text over title and description, trigrams for a typing error.

The first cut of search: everything that knows how listings are found is in this module. Words are compared without case
and accents, in any language (`simple`, no stemming), from their beginning; migration 0002 keeps the vector.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, FloatField, Func, OuterRef, Q, Value

from listings.customs.rules import rulebook
from listings.customs.stops import blocked_classes, blocked_countries
from listings.models import Listing, ShippingRate
from listings.querysets import ListingQuerySet

LONGEST = 100  # characters of a query that are looked at
WORDS = 8
NEAREST = 120  # listings that a misspelt query finds at most
ALIKE = 0.3  # of 1, from which a title is near a misspelt query


@dataclass(frozen=True, slots=True)
class Found:
    """The listings, best or newest first; `near` when nothing matched and these are only similar."""

    listings: ListingQuerySet
    near: bool = False


def search(q: str, *, country: str = "") -> Found:
    """Listings on sale that match every word of `q` and go to `country` (empty: anywhere).

    Any text is a query: without words everything is found, newest first.
    """
    words = plain(q).split()[:WORDS]
    shelf = reachable(Listing.objects.on_sale(), country)
    if not words:
        return Found(shelf.order_by("-live_at", "-pk"))
    query = _query(words)
    exact = shelf.filter(search=query)
    if exact.exists():
        ranked = exact.annotate(rank=SearchRank(F("search"), query))
        return Found(ranked.order_by("-rank", "-live_at", "-pk"))
    return Found(_similar(shelf, " ".join(words)), near=True)


def plain(q: str) -> str:
    """`q` without what no word has in it (NUL, quotes, operators), and not endless."""
    return "".join(" " if c in "\0'\"\\&|!:*()<>" else c for c in q[:LONGEST])


def reachable(listings: ListingQuerySet, country: str) -> ListingQuerySet:
    """Those that a rate of their shop, their own list and the law let go to `country`."""
    if not country:
        return listings
    if country in blocked_countries():
        return listings.none()
    rates = ShippingRate.objects.filter(shop=OuterRef("shop"))
    able = rates.filter(max_weight_g__gte=OuterRef("weight_g"))
    named = Q(Exists(rates.filter(countries__contains=[country])))
    return listings.filter(
        Q(ships_to=[]) | Q(ships_to__contains=[country]),
        (named & Exists(able.filter(countries__contains=[country]))) | (~named & Exists(able.filter(countries=[]))),
    ).exclude(_forbidden(country))


def _forbidden(country: str) -> Q:
    """Goods of a class that may not come in from outside; within a union they may."""
    book = rulebook()
    classes = blocked_classes(country, book)
    if not classes:
        return Q(pk=None)
    inside = [country]
    if book.is_member(country):
        inside += [other for other in book.countries if book.is_member(other)]
    return Q(hs_code__regex=f"^({'|'.join(classes)})") & ~Q(shop__country__in=inside)


def _query(words: list[str]) -> SearchQuery:
    """Every word, as a beginning: 'indi':* & 'scar':*. `plain` took out what could be syntax."""
    text = Func(Value(" & ".join(f"'{word}':*" for word in words)), function="listings_plain")
    return SearchQuery(text, config="simple", search_type="raw")


def _similar(shelf: ListingQuerySet, text: str) -> ListingQuerySet:
    """Titles with a word like `text`, most alike first, found through the trigram index."""
    title = Func(F("title"), function="listings_plain")
    wanted = Func(Value(text), function="listings_plain")
    near = ExpressionWrapper(Func(title, wanted, template="%(expressions)s", arg_joiner=" %%> "), BooleanField())
    alike = Func(wanted, title, function="word_similarity", output_field=FloatField())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
        rows = shelf.alias(near=near).filter(near=True).annotate(alike=alike).order_by("-alike", "-pk")
        found = list(rows.values_list("pk", flat=True)[:NEAREST])
    return shelf.filter(pk__in=found).annotate(alike=alike).order_by("-alike", "-pk")
