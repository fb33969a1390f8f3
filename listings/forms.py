"""What a seller types: shop, shipping rates, listing, photos, stock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.bands import BandsField
from listings.fields import CountriesField, CountryField, MoneyField, PhotosField, WholeNumberField
from listings.fixedfields import PREFIX, fixed_fields
from listings.models import HSCode, Listing, Shop
from listings.photos import PHOTOS_MAX
from listings.services import STOCK_MAX, WEIGHT_MAX_G, RateDraft, price_bounds
from marketplace.forms import offered_currencies
from marketplace.lib.places import currency_name

Lines = forms.Textarea(attrs={"rows": 4})


def _currencies() -> list[tuple[str, str]]:
    language = get_language() or "en"
    return [(code, f"{code}, {currency_name(code, language)}") for code in offered_currencies()]


class ShopForm(forms.Form):
    """What may change later."""

    name = forms.CharField(label=_("Shop name"), max_length=60, min_length=2)
    city = forms.CharField(label=_("City"), max_length=60, help_text=_("Parcels leave from here."))
    about = forms.CharField(label=_("About you and what you make"), max_length=2000, required=False, widget=Lines)
    handling_days = WholeNumberField(
        label=_("Days you need to hand a parcel to the carrier"), low=0, high=30, initial="2"
    )
    mirrors_endings = forms.BooleanField(
        label=_("Let prices in other currencies end like yours"),
        required=False,
        help_text=_(
            "A scarf for 49.90 then costs a buyer abroad an amount that ends in 90 too: the next one above the "
            "converted price, and at most 3 % above it; else nothing is changed. What it is more is yours."
        ),
    )


class OpenShopForm(ShopForm):
    """Country and currency stay: orders and payouts are made in them."""

    country = CountryField(label=_("Country"), help_text=_("Where you send from. It cannot be changed later."))
    currency = forms.ChoiceField(
        label=_("Your money"),
        choices=_currencies,
        help_text=_("Your prices are in it and you are paid in it. It cannot be changed later."),
    )
    version = forms.CharField(widget=forms.HiddenInput, max_length=20)
    agreement = forms.BooleanField(
        label=_("I have read and accept the seller agreement."),
        error_messages={"required": _("A shop needs the agreement: it says what you and we owe each other.")},
    )
    field_order: Sequence[str] = (
        "name",
        "country",
        "currency",
        "city",
        "about",
        "handling_days",
        "mirrors_endings",
        "version",
        "agreement",
    )

    def __init__(self, *args: Any, version: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", version)
        self.in_force = version

    def clean_version(self) -> str:
        if self.cleaned_data["version"] != self.in_force:
            raise ValidationError(_("The seller agreement has changed. Read the new one and accept it."))
        return self.in_force


class RateForm(forms.Form):
    """One shipping rate, in the shop's currency."""

    name = forms.CharField(label=_("Service"), max_length=60)
    countries = CountriesField(label=_("To"), required=False, placeholder=_("Everywhere else"))
    max_weight_g = WholeNumberField(label=_("Up to grams"), low=1, high=WEIGHT_MAX_G, initial="2000")
    min_days = WholeNumberField(label=_("From days"), low=0, high=90)
    max_days = WholeNumberField(label=_("To days"), low=1, high=180)
    tracked = forms.BooleanField(label=_("With a tracking number"), required=False, initial=True)
    field_order: Sequence[str] = (
        "name",
        "countries",
        "first",
        "next",
        "max_weight_g",
        "bands",
        "free_over",
        "min_days",
        "max_days",
        "tracked",
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        high = price_bounds(currency)[1].amount
        self.fields["first"] = MoneyField(label=_("First piece"), currency=currency, low=0, high=high)
        self.fields["next"] = MoneyField(label=_("Each further piece"), currency=currency, low=0, high=high)
        self.fields["bands"] = BandsField(
            label=_("Lighter parcels cost less"),
            currency=currency,
            high=high,
            help_text=_(
                "A line each: up to how many grams, and what the first piece costs then. Heavier ones cost what stands "
                "above; over the most that you send, nothing can be ordered."
            ),
        )
        self.fields["free_over"] = MoneyField(
            label=_("Free from goods for"),
            currency=currency,
            low=1,
            high=high,
            required=False,
            help_text=_("In one parcel, in your prices, before discounts for a way to pay. You bear the postage then."),
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("min_days") is not None and (data.get("max_days") or 0) < data["min_days"]:
            self.add_error("max_days", _("The longest time is shorter than the shortest."))
        if (bands := data.get("bands")) and bands[-1][0] >= (data.get("max_weight_g") or 0):
            self.add_error("bands", _("The last weight has to be below the most that you send."))
        return data

    def draft(self) -> RateDraft:
        data = self.cleaned_data
        return RateDraft(**{name: data[name] for name in self.field_order})


def rate_formset(shop: Shop, data: Any = None) -> forms.BaseFormSet[RateForm]:
    """The shop's rates and a row for one more; a row is removed by its tick."""
    formset = forms.formset_factory(RateForm, extra=1, can_delete=True, max_num=12, validate_max=True)
    initial = [
        {
            "name": rate.name,
            "countries": rate.countries,
            "first": Money(rate.first_minor, shop.currency),
            "next": Money(rate.next_minor, shop.currency),
            "max_weight_g": rate.max_weight_g,
            "bands": [(upto, Money(minor, shop.currency)) for upto, minor in rate.bands],
            "free_over": None if rate.free_over_minor is None else Money(rate.free_over_minor, shop.currency),
            "min_days": rate.min_days,
            "max_days": rate.max_days,
            "tracked": rate.tracked,
        }
        for rate in shop.shipping_rates.order_by("pk")
    ]
    return formset(data, initial=initial, prefix="rates", form_kwargs={"currency": shop.currency})


class ListingForm(forms.Form):
    """The facts of a listing, for its shop's currency."""

    title = forms.CharField(label=_("What is it?"), max_length=120, min_length=3)
    description = forms.CharField(
        label=_("Description"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("What it is made of, how large it is, how to care for it."),
    )
    hs_code = forms.RegexField(
        label=_("HS code"),
        regex=r"^[0-9]{6,10}$",
        max_length=10,
        help_text=_("The customs class, six digits. Type a word to find it."),
        error_messages={"invalid": _("An HS code has 6 to 10 digits, like 621410. Search for it in plain words.")},
        widget=forms.TextInput(attrs={"list": "hs-codes", "autocomplete": "off", "inputmode": "search"}),
    )
    origin = CountryField(label=_("Made in"), help_text=_("The country where it was made."))
    weight_g = WholeNumberField(label=_("Weight in grams, packed"), low=1, high=WEIGHT_MAX_G)
    ships_to = CountriesField(label=_("Send only to"), required=False, placeholder=_("Wherever your shipping rates go"))
    no_withdrawal = forms.ChoiceField(
        label=_("Exception from the right of withdrawal"),
        choices=Listing.NoWithdrawal,
        required=False,
        help_text=_("Only where the law allows it; buyers see it before they order."),
    )
    field_order: Sequence[str] = (
        *("title", "description", "price", "stock", "hs_code", "origin", "weight_g", "ships_to", "no_withdrawal"),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        low, high = price_bounds(currency)
        self.fields["hs_code"].widget.attrs |= {
            "hx-get": reverse("listings:hs"),
            "hx-trigger": "input changed delay:250ms",
            "hx-target": "#hs-codes",
        }
        self.fields["price"] = MoneyField(label=_("Price"), currency=currency, low=low.amount, high=high.amount)
        self.order_fields(self.field_order)
        fixed = {price.currency: price for price in self.initial.get("fixed_prices", [])}
        for name, field in fixed_fields(currency, self.initial.get("price"), fixed):
            self.fields[name] = field
            self.initial.setdefault(name, fixed.get(field.currency))

    @property
    def usual(self) -> list[forms.BoundField]:
        """The fields that every listing needs."""
        return [field for field in self.visible_fields() if not field.name.startswith(PREFIX)]

    @property
    def fixed(self) -> list[forms.BoundField]:
        """A fixed price per currency."""
        return [field for field in self.visible_fields() if field.name.startswith(PREFIX)]

    @property
    def has_fixed(self) -> bool:
        return any(field.value() or field.errors for field in self.fixed)

    def clean(self) -> dict[str, Any]:
        """The fixed prices become one list."""
        data = super().clean() or {}
        prices = [data.pop(name, None) for name in self.fields if name.startswith(PREFIX)]
        return data | {"fixed_prices": [price for price in prices if price is not None]}

    def clean_hs_code(self) -> str:
        code = str(self.cleaned_data["hs_code"])
        if not HSCode.objects.filter(code=code[:6]).exists():
            message = _("The HS code %(code)s is not in our list. Search for it in plain words.")
            raise ValidationError(message % {"code": code})
        return code


class NewListingForm(ListingForm):
    stock = WholeNumberField(label=_("How many do you have?"), low=0, high=STOCK_MAX, initial="1")
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_(
            "At least one before it goes on sale. JPEG, PNG, WebP or AVIF, at most 10 MB each. "
            "Where and with what they were taken is removed."
        ),
    )
    field_order: Sequence[str] = ("photos", *ListingForm.field_order)

    def clean_photos(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["photos"]
        if len(files) > PHOTOS_MAX:
            raise ValidationError(_("A listing has at most %d photos.") % PHOTOS_MAX)
        return files


class AltForm(forms.Form):
    alt = forms.CharField(
        label=_("What they show"), max_length=200, required=False, help_text=_("For those who cannot see them.")
    )


class PhotoForm(AltForm):
    photos = PhotosField(label=_("Add photos"), help_text=_("JPEG, PNG, WebP or AVIF, at most 10 MB each."))
    field_order: Sequence[str] = ("photos", "alt")


class StockForm(forms.Form):
    stock = WholeNumberField(label=_("Pieces for sale"), low=0, high=STOCK_MAX)


def facts(listing: Listing) -> dict[str, Any]:
    """A listing as the form shows it."""
    return {
        "title": listing.title,
        "description": listing.description,
        "price": listing.price,
        "hs_code": listing.hs_code,
        "origin": listing.origin,
        "weight_g": listing.weight_g,
        "ships_to": listing.ships_to,
        "no_withdrawal": listing.no_withdrawal,
        "fixed_prices": [row.price for row in listing.fixed_prices.all()],
    }
