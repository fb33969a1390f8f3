"""Forms for where a seller's money goes: one per kind of destination that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.methods import coin_kinds
from payments.models import PayoutMethod

Kind = PayoutMethod.Kind


class MethodForm(forms.Form):
    """`kind` says which one was sent."""

    kind = forms.CharField(widget=forms.HiddenInput)
    default = forms.BooleanField(label=_("Pay there from now on"), required=False)

    def __init__(self, kind: str, data: Any = None, *, country: str = "") -> None:
        super().__init__(data, auto_id=f"id_{kind}_%s", initial={"kind": kind, "country": country})
        self.order_fields([name for name in self.fields if name != "default"])

    def clean_kind(self) -> str:
        if self.cleaned_data["kind"] != self.initial["kind"]:
            raise forms.ValidationError(_("Payouts are not made that way here. Choose another."))
        return str(self.cleaned_data["kind"])


class BankForm(MethodForm):
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


class CoinForm(MethodForm):
    destination = forms.CharField(
        label=_("Address of your wallet"),
        max_length=100,
        help_text=_("Your money is exchanged into the coin when the payout is approved, at the rate of that moment."),
    )


def method_forms(country: str) -> dict[str, MethodForm]:
    """An empty form for each kind that a seller in `country` can add."""
    forms: dict[str, MethodForm] = {Kind.BANK: BankForm(Kind.BANK, country=country)}
    return forms | {kind: CoinForm(kind) for kind in coin_kinds()}


def filled(data: Any) -> MethodForm:
    """The form that was sent; of a kind that there is not, the bank's."""
    kind = data.get("kind", "")
    return CoinForm(kind, data) if kind in coin_kinds() else BankForm(Kind.BANK, data)
