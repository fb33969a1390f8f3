"""The site, and beside it the plainest page that shows the same goods."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from listings.models import Listing
from marketplace.urls import urlpatterns as site

SHELF = 24
PAGE = engines["django"].from_string(
    "<ul>{% for one in goods %}<li>{{ one.title }}, {{ one.price }}, {{ one.shop.name }}</li>{% endfor %}</ul>"
)


def plain(request: HttpRequest) -> HttpResponse:
    """One query, one loop, nothing converted and nothing asked about customs."""
    goods = Listing.objects.on_sale().select_related("shop").order_by("-live_at")[:SHELF]
    return HttpResponse(PAGE.render({"goods": goods}))


urlpatterns = [path("plain/", plain), *site]
