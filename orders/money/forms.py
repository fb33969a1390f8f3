"""Forms for where a seller's money goes: one per kind of destination that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from listings.fields import MoneyField
from payments.models import PayoutMethod, PayoutPlan
from payments.payouts.life import minimum
from payments.payouts.methods import coin_kinds
from payments.processors import registry

BANK = PayoutMethod.Kind.BANK
MOST = 10**15  # minor units


class MethodForm(forms.Form):
    default = forms.BooleanField(label=_("Pay there from now on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "default"])


class BankForm(MethodForm):
    holder = forms.CharField(label=_("Account holder"), max_length=70)
    town = forms.CharField(
        label=_("Town where the holder lives"),
        max_length=35,
        required=False,
        help_text=_("Banks abroad ask for it."),
    )
    home = forms.CharField(label=_("in the country"), max_length=2, min_length=2, required=False)
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
        max_length=100,
        help_text=_("Your money is exchanged into the coin when the payout is approved, at the rate of that moment."),
    )

    def __init__(self, kind: str, data: Any = None) -> None:
        super().__init__(data, prefix=kind)
        self.fields["destination"].label = registry.get(kind).destination_label


class PlanForm(forms.Form):
    every = forms.ChoiceField(label=_("When you are paid"), choices=PayoutPlan.Every)

    def __init__(self, currency: str, data: Any = None, *, plan: PayoutPlan | None = None) -> None:
        initial = {} if plan is None else {"every": plan.every, "threshold": plan.threshold}
        super().__init__(data, initial=initial, auto_id="id_plan_%s")
        label = _("and only once so much is payable (%(currency)s)") % {"currency": currency}
        least = minimum(currency).amount
        self.fields["threshold"] = MoneyField(currency=currency, low=least, high=MOST, label=label, required=False)


def method_forms(country: str, town: str) -> dict[str, MethodForm]:
    """An empty form for each kind that a seller in this place can add."""
    found: dict[str, MethodForm] = {BANK: BankForm(initial={"country": country, "home": country, "town": town[:35]})}
    return found | {kind: CoinForm(kind) for kind in coin_kinds()}


def filled(kind: str, data: Any) -> MethodForm | None:
    """The form of this kind as it was sent; none when there is no such kind."""
    if kind == BANK:
        return BankForm(data)
    return CoinForm(kind, data) if kind in coin_kinds() else None
