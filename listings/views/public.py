"""What everybody sees: the shelf, a listing, a shop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fx.errors import RateMissing
from fx.format import format_number, format_points
from fx.rates import Rates
from fx.services import current_rates
from listings import cards
from listings.asking import ENDING, asked, compared, with_spread
from listings.customs.door import door_price
from listings.errors import NotDeliverable
from listings.models import Listing, Shop
from listings.page import BrowseQuery
from listings.querysets import ListingQuerySet
from listings.search import Found, reachable, search
from marketplace.http import VisitorRequest
from marketplace.lib.clock import today
from marketplace.lib.places import country_name
from marketplace.lib.visitor import Visitor
from marketplace.models import User
from marketplace.second_factor import passed_second_factor


@require_safe
def browse(request: VisitorRequest) -> HttpResponse:
    """`/browse/?q=&ship_to=&currency=&sort=&page=`: what ships to the visitor, priced at their door."""
    query = BrowseQuery.read(request.GET, request.visitor)
    rates = current_rates()
    found = search(query.q, country=query.ship_to)
    page = _page(request, query, found, rates)
    listings = page.object_list
    context = {
        "query": query,
        "door_name": country_name(query.door, request.visitor.language),
        "near": found.near,
        "page": page,
        "count": page.paginator.count,
        "cap": cards.CAP if query.sort == "door" and page.paginator.count >= cards.CAP else 0,
        "cards": cards.cards(listings, country=query.door, currency=query.currency, rates=rates),
    }
    fragment = "#results" if request.headers.get("HX-Request") else ""
    response = render(request, f"listings/browse.html{fragment}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(request: HttpRequest, query: BrowseQuery, found: Found, rates: Rates) -> Page[Listing]:
    """A page of the shelf; cheapest first only among the first `CAP`, which the page says."""
    shown = cards.shown(found.listings)
    if query.sort == "newest":
        shown = shown.order_by("-live_at", "-pk")
    if query.sort != "door":
        return Paginator(shown, cards.SHELF).get_page(request.GET.get("page"))
    candidates = list(shown[: cards.CAP])
    ordered = cards.cheapest_first(candidates, country=query.door, currency=query.currency, rates=rates)
    return Paginator(ordered, cards.SHELF).get_page(request.GET.get("page"))


@require_safe
def detail(request: VisitorRequest, slug: str) -> HttpResponse:
    """A listing with its bill at the visitor's door. Before it is live only its seller and moderators see it."""
    listings = cards.shown(Listing.objects.select_related("shop__owner"))
    listing = get_object_or_404(_visible(listings, request), slug=slug)
    context = {
        "listing": listing,
        "shop": listing.shop,
        "photos": listing.photos.all(),
        "on_sale": listing.is_on_sale,
        "mine": listing.shop.owner_id == request.user.pk,
        "country_name": country_name(request.visitor.country, request.visitor.language),
        "origin_name": country_name(listing.origin, request.visitor.language),
        **_door(listing, request),
    }
    return render(request, "listings/detail.html", context)


def _visible(listings: ListingQuerySet, request: HttpRequest) -> ListingQuerySet:
    """What was live once stays to be read, because orders and letters link to it."""
    user = request.user
    if isinstance(user, User) and user.is_staff and passed_second_factor(request):
        return listings
    public = listings.public()
    return public | listings.of_seller(user) if isinstance(user, User) else public


def _door(listing: Listing, request: VisitorRequest) -> dict[str, Any]:
    """The bill, or the sentence that says why there is none."""
    visitor, rates = request.visitor, current_rates()
    try:
        ask = asked(listing, visitor.currency, rates)
        usual = with_spread(rates, listing.price, visitor.currency)
        door = door_price(listing, country=visitor.country, currency=visitor.currency, rates=rates)
    except (NotDeliverable, RateMissing) as error:
        return {"no_door": str(error)}
    soonest, latest = door.shipping.window(today(), listing.shop.handling_days)
    return {
        "price": ask.theirs or usual,
        "fixed": compared(ask.theirs, usual, visitor.language) if ask.theirs and ask.is_fixed else "",
        "ending": ask.how == ENDING,
        "door": door,
        "soonest": soonest,
        "latest": latest,
        "mid": _mid(rates, listing.currency, visitor),
        "spread": format_points(settings.SPREAD_BPS, visitor.language),
    }


def _mid(rates: Rates, currency: str, visitor: Visitor) -> str:
    """The mid-market rate, the larger number first, for the small print."""
    one, other = visitor.currency, currency
    if one == other:
        return ""
    rate = rates.mid(one, other)
    if rate < 1:
        one, other, rate = other, one, rates.mid(other, one)
    digits = max(0, -int(rate.as_tuple().exponent))
    written = format_number(rate, visitor.language, digits)
    return _("1 %(one)s = %(rate)s %(other)s") % {"one": one, "rate": written, "other": other}


@require_safe
def shop(request: VisitorRequest, slug: str) -> HttpResponse:
    """A seller's public face: what of theirs ships to the visitor, and that there is more."""
    found = get_object_or_404(Shop.objects.in_good_standing(), slug=slug)
    visitor, every = request.visitor, Listing.objects.on_sale().filter(shop=found)
    shelf = cards.shown(reachable(every, visitor.country).order_by("-live_at", "-pk"))
    page = Paginator(shelf, cards.SHELF).get_page(request.GET.get("page"))
    context = {
        "shop": found,
        "page": page,
        "cards": cards.cards(
            page.object_list, country=visitor.country, currency=visitor.currency, rates=current_rates()
        ),
        "country_name": country_name(visitor.country, visitor.language),
        "shop_country": country_name(found.country, visitor.language),
        "elsewhere": every.count() - page.paginator.count,
    }
    return render(request, "listings/shop.html", context)
