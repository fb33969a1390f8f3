"""Forms of basket, checkout, order and the seller's desk. Their messages say what is wrong and what would be right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.fields import WholeNumberField
from orders.carts import MAX_QUANTITY


class QuantityForm(forms.Form):
    listing = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    quantity = WholeNumberField(label=_("Quantity"), low=0, high=MAX_QUANTITY, initial="1")


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("For the receipt and the link to your order."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class PayForm(forms.Form):
    rail = forms.CharField(max_length=32)
    accept = forms.BooleanField(
        label=_("I accept the terms and have read the privacy notice."),
        error_messages={"required": _("Please accept the terms to order.")},
    )


class ShipForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60)
    tracking_number = forms.RegexField(
        label=_("Tracking number"),
        regex=r"^[A-Za-z0-9 \-]{5,40}$",
        required=False,
        error_messages={"invalid": _("5 to 40 letters and digits, as on the receipt of the post office.")},
    )

    def __init__(self, *args: Any, tracked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tracking_number"].required = tracked

    def clean_tracking_number(self) -> str:
        return str(self.cleaned_data["tracking_number"]).replace(" ", "").upper()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("What is wrong?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        strip=True,
        error_messages={"required": _("Say what is wrong, so that the seller can answer.")},
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write your side, so that the moderator can decide.")},
    )


class RefundAddressForm(forms.Form):
    destination = forms.CharField(label=_("Your Bitcoin address"), max_length=100)


class PayoutMethodForm(forms.Form):
    holder = forms.CharField(label=_("Account holder"), max_length=70)
    country = forms.CharField(
        label=_("Country of the bank"),
        max_length=2,
        min_length=2,
        help_text=_("Two letters, like IN or DE."),
    )
    iban = forms.CharField(label=_("IBAN"), max_length=42, required=False)
    account = forms.CharField(label=_("or account number"), max_length=34, required=False)
    clearing_code = forms.CharField(
        label=_("with clearing code"),
        max_length=20,
        required=False,
        help_text=_("IFSC in India, SWIFT or bank code elsewhere; none for a Mexican CLABE."),
    )
