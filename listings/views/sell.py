"""The seller's listings: written, changed, shown, counted, submitted, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from listings import services
from listings.customs.stops import warnings
from listings.errors import ListingError
from listings.forms import AltForm, ListingForm, NewListingForm, PhotoForm, StockForm, facts
from listings.hs import find_codes
from listings.models import Listing, Photo, Shop
from listings.photos import PHOTOS_MAX
from marketplace.http import UserRequest
from marketplace.refusals import sentence, told


@require_safe
@login_required
def mine(request: UserRequest) -> HttpResponse:
    """Every listing of the shop, the newest first."""
    shop = Shop.objects.of(request.user)
    if shop is None:
        return redirect("listings:shop_edit")
    listings = shop.listings.prefetch_related("photos").order_by("-pk")
    page = Paginator(listings, 30).get_page(request.GET.get("page"))
    return render(request, "listings/mine.html", {"shop": shop, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """Write a listing with its photos, and send it for review or keep it as a draft."""
    shop = Shop.objects.of(request.user)
    if shop is None:
        messages.info(request, _("Open your shop first; it takes a minute."))
        return redirect("listings:shop_edit")
    form = NewListingForm(
        request.POST or None, request.FILES or None, currency=shop.currency, initial={"origin": shop.country}
    )
    if request.method == "POST" and form.is_valid():
        return _create(request, shop, form)
    return _form(request, "listings/new.html", {"form": form, "shop": shop}, form)


def _create(request: UserRequest, shop: Shop, form: NewListingForm) -> HttpResponse:
    data = dict(form.cleaned_data)
    files = data.pop("photos")
    try:
        listing = services.create_listing(shop, by=request.user, **data)
    except ListingError as error:
        form.add_error(None, str(error))
        return _form(request, "listings/new.html", {"form": form, "shop": shop}, form)
    whole = _add_photos(request, listing, files, listing.title)
    if whole and request.POST.get("next") == "submit":
        return _act(request, listing, lambda: _submit(request, listing))
    messages.success(request, _("Saved as a draft. Only you can see it."))
    return redirect("listings:edit", listing.pk)


def _add_photos(request: UserRequest, listing: Listing, files: list[Any], alt: str) -> bool:
    """Add what can be added; a sentence for each file that cannot. Whether all were."""
    refused = 0
    for file in files:
        try:
            services.add_photo(listing, by=request.user, upload=file, alt=alt)
        except ListingError as error:
            refused += 1
            messages.error(request, f"{str(file.name)[:60]}: {error}")
    return not refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: UserRequest, pk: int) -> HttpResponse:
    listing = _own(request, pk)
    bound = request.POST if request.method == "POST" else None
    form = ListingForm(bound, currency=listing.currency, initial=facts(listing))
    if form.is_bound and form.is_valid():
        return _act(request, listing, lambda: _save(request, listing, form))
    context = {
        "listing": listing,
        "form": form,
        "photo_form": PhotoForm(),
        "stock_form": StockForm(initial={"stock": listing.stock}),
        "photos": listing.photos.all(),
        "room": PHOTOS_MAX - listing.photos.count(),
        "warnings": list(warnings(listing.hs_code, listing.title)),
    }
    return _form(request, "listings/edit.html", context, form)


def _save(request: UserRequest, listing: Listing, form: ListingForm) -> str:
    was = listing.status
    saved = services.edit_listing(listing, by=request.user, **form.cleaned_data)
    if was == Listing.Status.LIVE and saved.status == Listing.Status.IN_REVIEW:
        return _("Saved. Because a moderator looks at such changes, it is in review and not on sale until then.")
    return _("Saved.")


@require_POST
@login_required
def add_photos(request: UserRequest, pk: int) -> HttpResponse:
    listing = _own(request, pk)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a file to upload."))
        return redirect("listings:edit", pk)
    files = form.cleaned_data["photos"]
    if _add_photos(request, listing, files, form.cleaned_data["alt"] or listing.title):
        added = ngettext("%d photo added.", "%d photos added.", len(files)) % len(files)
        messages.success(request, added)
    return redirect("listings:edit", pk)


@require_POST
@login_required
def photo(request: UserRequest, pk: int, photo_pk: int) -> HttpResponse:
    """Remove a photo, put it first, or say what it shows: by the button that was pressed."""
    listing = _own(request, pk)
    one = get_object_or_404(Photo.objects.select_related("listing"), pk=photo_pk, listing=listing)
    match request.POST.get("action"):
        case "remove":
            return _act(request, listing, lambda: services.remove_photo(one, by=request.user))
        case "first":
            return _act(request, listing, lambda: services.put_first(one, by=request.user))
        case _:
            return _describe(request, listing, one)


def _describe(request: UserRequest, listing: Listing, one: Photo) -> HttpResponse:
    form = AltForm(request.POST)
    if not form.is_valid():
        messages.error(request, sentence(form))
        return redirect("listings:edit", listing.pk)
    return _act(request, listing, lambda: services.describe_photo(one, by=request.user, alt=form.cleaned_data["alt"]))


@require_POST
@login_required
def stock(request: UserRequest, pk: int) -> HttpResponse:
    listing, form = _own(request, pk), StockForm(request.POST)
    if not form.is_valid():
        messages.error(request, sentence(form))
        return redirect("listings:edit", pk)
    count = form.cleaned_data["stock"]
    return _act(request, listing, lambda: services.set_stock(listing, stock=count, by=request.user))


@require_POST
@login_required
def submit(request: UserRequest, pk: int) -> HttpResponse:
    listing = _own(request, pk)
    return _act(request, listing, lambda: _submit(request, listing))


def _submit(request: UserRequest, listing: Listing) -> str:
    sent = services.submit_listing(listing, by=request.user)
    if sent.status == Listing.Status.LIVE:
        return _("It is live: buyers can find it now.")
    return _("Sent for review. We write to you as soon as somebody looked at it.")


@require_POST
@login_required
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    listing = _own(request, pk)
    return _act(request, listing, lambda: services.withdraw_listing(listing, by=request.user))


def _act(request: UserRequest, listing: Listing, act: Callable[[], object]) -> HttpResponse:
    """Do it, say how it went, and show the listing. What `act` returns as text is said."""
    with told(request, ListingError):
        said = act()
        messages.success(request, said if isinstance(said, str) else _("Done."))
    return redirect("listings:edit", listing.pk)


def _own(request: UserRequest, pk: int) -> Listing:
    """The user's own listing, or 404: what is another's does not exist for them."""
    return get_object_or_404(Listing.objects.of_seller(request.user).select_related("shop"), pk=pk)


def _form(request: UserRequest, template: str, context: dict[str, Any], form: ListingForm) -> HttpResponse:
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, template, {**context, "codes": find_codes("")}, status=status)
