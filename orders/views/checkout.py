"""Checkout: where to, then the whole price with every rail beside it, then pay."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fx.errors import QuoteError, QuoteExpired
from fx.models import Quote
from fx.money import COINS
from fx.rates import Rates
from fx.services import current_rates
from listings.errors import ListingError
from marketplace.http import VisitorRequest
from marketplace.legal import current as current_text
from marketplace.lib.places import countries, is_country
from marketplace.models import LegalText, User
from marketplace.visitors import owner_key
from orders.checkout import addresses, carts
from orders.checkout.feesheet import FeeSheet
from orders.checkout.placing import Buyer, place_order
from orders.checkout.pricing import Basket, price
from orders.checkout.quoting import quote_basket
from orders.checkout.rails import balance_words
from orders.checkout.renewing import is_as_good, placed_meanwhile, renew
from orders.checkout.review import review_page
from orders.checkout.starting import start
from orders.errors import OrderRefused
from orders.forms import EmailForm, PayForm
from orders.models import Checkout, QuotedBasket
from payments.models import RefundTerms
from payments.processors.registry import get

DRAFT = "checkout"  # session key: {"email", "address", "quotes": [ids]}


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: VisitorRequest) -> HttpResponse:
    """Where the parcels go. Without JavaScript the country is changed by a button of its own."""
    lines = carts.lines_of(owner_key(request))
    if not lines:
        messages.info(request, _("Your basket is empty. Put something in it first."))
        return redirect("orders:cart")
    draft = request.session.get(DRAFT, {})
    known = draft.get("address", {})
    country = _country(
        request.POST.get("country")
        or request.GET.get("country")
        or known.get("country_code")
        or request.visitor.country
    )
    known_country = request.method != "POST" or is_country(request.POST.get("country", ""))
    if not known_country:
        messages.error(request, _("Choose the country that the parcel goes to."))
    submitted = known_country and request.method == "POST" and "change_country" not in request.POST
    form = addresses.AddressForm(request.POST if submitted else None, country=country, initial=_initial(request, known))
    mail = None if request.user.is_authenticated else EmailForm(request.POST if submitted else None, initial=draft)
    if submitted and form.is_valid() and (mail is None or mail.is_valid()):
        email = request.user.email if isinstance(request.user, User) else str(mail and mail.cleaned_data["email"])
        return _quote(request, {"email": email, "address": form.cleaned_data["address"]})
    context = {"form": form, "mail": mail, "country": country, "countries": countries(request.visitor.language)}
    return render(request, "orders/checkout_address.html", context, status=422 if submitted else 200)


def _country(code: str) -> str:
    return code if is_country(code) else settings.DEFAULT_COUNTRY


def _initial(request: VisitorRequest, known: dict[str, str]) -> dict[str, str]:
    if known or not request.user.is_authenticated:
        return known
    user = request.user
    latest = Checkout.objects.filter(buyer=user).order_by("-pk").values_list("address", flat=True).first()
    return latest or {"name": user.name}


def _quote(request: VisitorRequest, draft: dict[str, Any]) -> HttpResponse:
    """Lock a price for every rail and go on to the review; or say what stands in the way."""
    owner = owner_key(request, create=True)
    rates = current_rates()
    basket = _basket(request, draft, owner, rates)
    quotes = quote_basket(basket, owner=owner, rates=rates) if basket.payable else []
    request.session[DRAFT] = draft | {"quotes": [str(quoted.quote_id) for quoted in quotes]}
    if not quotes:
        for problem in basket.problems or [
            _("None of the ways to pay can carry this basket. Change it and try again.")
        ]:
            messages.error(request, problem)
        return redirect("orders:cart")
    return redirect("orders:review")


def _basket(request: VisitorRequest, draft: dict[str, Any], owner: str, rates: Rates) -> Basket:
    country = draft["address"]["country_code"]
    return price(
        carts.lines_of(owner),
        country=country,
        currency=request.visitor.currency,
        rates=rates,
    )


@require_safe
def review(request: VisitorRequest) -> HttpResponse:
    """The whole price, who takes what of it, and the rails side by side."""
    draft = request.session.get(DRAFT)
    offers = _offers(request, draft)
    if draft is None or not offers:
        return redirect("orders:checkout")
    placed = Checkout.objects.filter(quote__in=[offer["quote"] for offer in offers]).first()
    if placed is not None:  # the browser's back button
        return redirect("orders:pay", placed.token)
    return _render_review(request, draft, offers, PayForm())


def _offers(request: VisitorRequest, draft: dict[str, Any] | None) -> list[dict[str, Any]]:
    if draft is None:
        return []
    found = QuotedBasket.objects.filter(quote_id__in=draft["quotes"], quote__owner=owner_key(request))
    by_id = {str(quoted.quote_id): quoted for quoted in found.select_related("quote")}
    known = [by_id[quote_id] for quote_id in draft["quotes"] if quote_id in by_id]
    return [_offer(quoted) for quoted in known if quoted.processor in settings.PROCESSORS]  # not switched off since


def _offer(quoted: QuotedBasket) -> dict[str, Any]:
    sheets = [FeeSheet.from_json(parcel["fee_sheet"], quoted.quote.currency) for parcel in quoted.parcels]
    return {
        "quoted": quoted,
        "quote": quoted.quote,
        "processor": get(quoted.processor),
        "sheets": sheets,
    }


def _render_review(
    request: VisitorRequest,
    draft: dict[str, Any],
    offers: list[dict[str, Any]],
    form: PayForm,
    status: int = 200,
    **more: Quote,
) -> HttpResponse:
    """`more`: the `old` price and the `new`, higher one that the buyer is asked about."""
    context = more | review_page(draft, offers, request.visitor.language) | {"form": form, "seen": draft["quotes"][0]}
    user = request.user if request.user.is_authenticated else None
    context["balance_words"] = balance_words(user, context["quote"].amount)
    return render(request, "orders/checkout_review.html", context, status=status)


@require_POST
def pay(request: VisitorRequest) -> HttpResponse:
    """Place the order for the chosen rail's quote and go to its payment page. A second click lands on the same one."""
    draft = request.session.get(DRAFT)
    offers = _offers(request, draft)
    if draft is None or not offers:
        return redirect("orders:checkout")
    form = PayForm(request.POST)
    chosen = next((offer for offer in offers if offer["processor"].slug == request.POST.get("rail")), None)
    if not form.is_valid() or chosen is None:
        if chosen is None:
            form.add_error("rail", _("Choose how to pay."))
        return _render_review(request, draft, offers, form, 422)
    if request.POST.get("seen", draft["quotes"][0]) != draft["quotes"][0]:
        messages.error(request, _("You have asked for another price in another window. Check this one."))
        return redirect("orders:review")
    buyer = _buyer(request, draft)
    try:
        try:
            checkout = _placed(chosen, buyer, form)
        except QuoteExpired:
            return _pay_anew(request, draft, chosen, buyer, form)
    except (OrderRefused, QuoteError, ListingError) as error:
        first = placed_meanwhile(chosen["quote"], owner=buyer.owner)
        if first is not None:
            return redirect("orders:pay", first.token)
        messages.error(request, str(error))
        return _again(request, draft)
    start(checkout)
    return redirect("orders:pay", checkout.token)


def _placed(chosen: dict[str, Any], buyer: Buyer, form: PayForm) -> Checkout:
    terms = form.cleaned_data["refund_terms"] or RefundTerms.VALUE
    return place_order(
        quote_id=str(chosen["quote"].pk), buyer=buyer, accepted=_texts(), refund_terms=_of(chosen, terms)
    )


def _pay_anew(
    request: VisitorRequest, draft: dict[str, Any], chosen: dict[str, Any], buyer: Buyer, form: PayForm
) -> HttpResponse:
    """The price lock ended before the click: order at once for a price that is not higher, else ask.

    The rail, the address and what was accepted stay as they were.
    """
    old: Quote = chosen["quote"]
    renewed = renew(old, buyer=buyer)
    draft = draft | {"quotes": [str(quoted.quote_id) for quoted in renewed]}
    request.session[DRAFT] = draft
    offers = _offers(request, draft)
    again = next((offer for offer in offers if offer["processor"].slug == chosen["processor"].slug), None)
    if again is None:
        raise OrderRefused(_("This way to pay is not possible any more. Choose another one; nothing was charged."))
    if is_as_good(again["quote"], old):
        checkout = _placed(again, buyer, form)
        start(checkout)
        return redirect("orders:pay", checkout.token)
    return _render_review(request, draft, offers, form, 409, old=old, new=again["quote"])


def _of(chosen: dict[str, Any], terms: str) -> str:
    """The choice counts for coins whose processor keeps them for a while; for all else there is none."""
    has_window = chosen["quote"].pay_currency in COINS and chosen["processor"].refund_window_hours
    return terms if has_window else RefundTerms.VALUE


@require_POST
def requote(request: VisitorRequest) -> HttpResponse:
    """The price lock is over: a new price for the same basket."""
    draft = request.session.get(DRAFT)
    return redirect("orders:checkout") if draft is None else _again(request, draft)


def _again(request: VisitorRequest, draft: dict[str, Any]) -> HttpResponse:
    """A new price for what is still there; the buyer sees it before anything is paid."""
    return _quote(request, {key: draft[key] for key in ("email", "address")})


def _buyer(request: VisitorRequest, draft: dict[str, Any]) -> Buyer:
    user = request.user if isinstance(request.user, User) else None
    return Buyer(owner_key(request), draft["email"], draft["address"], request.visitor.language, user)


def _texts() -> list[LegalText]:
    return [current_text(LegalText.Kind.TERMS), current_text(LegalText.Kind.PRIVACY)]
