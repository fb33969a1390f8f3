"""The moderator's queue: listings that wait, approved with one click or rejected with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from fx.format import format_money
from listings import services
from listings.admin.fixedprices import FixedPrices, take_back_view
from listings.admin.reasons import ReasonForm
from listings.customs.stops import warnings
from listings.errors import ListingError
from listings.models import HSCode, Listing, Photo, StockMove
from marketplace.admin import ReadOnly, ReadOnlyInline, staff
from marketplace.lib.clock import now


class Photos(ReadOnlyInline):
    model = Photo
    fields = readonly_fields = ("picture", "alt", "width", "height")

    @admin.display(description=_("photo"))
    def picture(self, photo: Photo) -> SafeString:
        return format_html('<a href="{}"><img src="{}" alt="{}" width="160"></a>', photo.large, photo.thumb, photo.alt)


class StockMoves(ReadOnlyInline):
    model = StockMove
    fields = readonly_fields = ("at", "delta", "reason", "ref", "by")
    ordering = ("-pk",)


@admin.register(Listing)
class ListingAdmin(ReadOnly):
    """Listings that wait for review, oldest first: approve with one click, reject with a reason."""

    list_display = ("picture", "what", "decide", "priced", "hs", "by_shop", "waits")
    list_display_links = ("what",)
    list_filter = ("status", "shop__country")
    search_fields = ("title", "shop__name", "shop__owner__email", "hs_code")
    list_select_related = ("shop__owner",)
    list_per_page = 50
    inlines = (Photos, FixedPrices, StockMoves)
    change_form_template = "admin/listings/listing/change_form.html"
    fields = ("title", "shop", "state", "description", "priced", "hs", "origin", "weight_g", "ships_to", "mind")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        waiting_first = Count("pk", filter=Q(status=Listing.Status.IN_REVIEW))
        rows: QuerySet[Listing] = super().get_queryset(request).prefetch_related("photos")
        named = HSCode.objects.filter(code=Left(OuterRef("hs_code"), 6)).values("name")[:1]
        rows = rows.annotate(waiting=waiting_first, hs_name=Subquery(named))
        return rows.order_by("-waiting", "submitted_at", "-pk")

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("listings.change_listing")

    def get_urls(self) -> list[URLPattern]:
        review = self.admin_site.admin_view(require_POST(self.review))
        take_back = self.admin_site.admin_view(partial(take_back_view, self))
        return [
            path("<int:pk>/review/", review, name="listings_listing_review"),
            path("<int:pk>/fixed-price/<str:currency>/", take_back, name="listings_listing_fixed_price"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A click on a row's button posts the list's own form with the row's number."""
        if request.method == "POST" and "approve" in request.POST and self.has_review_permission(request):
            listing = get_object_or_404(Listing, pk=_number(request.POST["approve"]))
            self._decide(request, listing, "")
            return HttpResponseRedirect(request.get_full_path())
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        more = {"review_form": ReasonForm(), "may_review": self.has_review_permission(request)}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve, or reject with the reason in the form."""
        listing = get_object_or_404(Listing, pk=pk)
        here = reverse("admin:listings_listing_change", args=[pk])
        if not self.has_review_permission(request):
            messages.error(request, gettext("You may look at listings, but not decide."))
            return HttpResponseRedirect(here)
        form = ReasonForm(request.POST)
        approving = request.POST.get("decision") == "approve"
        if not approving and not form.is_valid():
            messages.error(request, gettext("Give a reason: the seller is told it."))
            return HttpResponseRedirect(here)
        done = self._decide(request, listing, "" if approving else form.cleaned_data["reason"])
        return HttpResponseRedirect(reverse("admin:listings_listing_changelist") if done else here)

    def _decide(self, request: HttpRequest, listing: Listing, reason: str) -> bool:
        try:
            if reason:
                services.reject_listing(listing, by=staff(request), reason=reason)
            else:
                services.approve_listing(listing, by=staff(request))
        except ListingError as error:
            messages.error(request, str(error))
            return False
        sent = gettext("“%s” went back to its seller with your reason.")
        messages.success(request, (sent if reason else gettext("“%s” is live.")) % listing.title)
        return True

    @admin.display(description=_("photo"))
    def picture(self, listing: Listing) -> SafeString | str:
        photo = next(iter(listing.photos.all()), None)
        if photo is None:
            return "–"
        return format_html('<img src="{}" alt="{}" width="72">', photo.thumb, photo.alt)

    @admin.display(description=_("listing"), ordering="title")
    def what(self, listing: Listing) -> str:
        return listing.title

    @admin.display(description=_("price"))
    def priced(self, listing: Listing) -> str:
        return format_money(listing.price, get_language() or "en")

    @admin.display(description=_("HS code"), ordering="hs_code")
    def hs(self, listing: Listing) -> str:
        return f"{listing.hs_code} {getattr(listing, 'hs_name', None) or gettext('(not in our list)')}"

    @admin.display(description=_("shop"), ordering="shop__name")
    def by_shop(self, listing: Listing) -> str:
        return f"{listing.shop.name}, {listing.shop.country}"

    @admin.display(description=_("waits for"), ordering="submitted_at")
    def waits(self, listing: Listing) -> str:
        if listing.status != Listing.Status.IN_REVIEW or listing.submitted_at is None:
            return "–"
        return timesince(listing.submitted_at, now())

    @admin.display(description=_("state"), ordering="status")
    def state(self, listing: Listing) -> str:
        return listing.get_status_display()

    @admin.display(description=_("mind"))
    def mind(self, listing: Listing) -> SafeString | str:
        """What the tables of restricted goods say about its class and its name."""
        found = warnings(listing.hs_code, listing.title)
        return format_html_join("", "<p>{}: {}</p>", ((stop.level, stop.told) for stop in found)) or "–"

    @admin.display(description=_("state"), ordering="status")
    def decide(self, listing: Listing) -> SafeString | str:
        if listing.status != Listing.Status.IN_REVIEW:
            return listing.get_status_display()
        return format_html(
            '<button class="button" name="approve" value="{}">{}</button> <a href="{}#review">{}</a>',
            listing.pk,
            gettext("Approve"),
            reverse("admin:listings_listing_change", args=[listing.pk]),
            gettext("Reject …"),
        )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
