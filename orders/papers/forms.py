"""What the seller says about a parcel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.fields import MoneyField, WholeNumberField
from orders.models import Order, PackedParcel
from orders.papers.packing import Facts

HEAVIEST_G = 1_000_000


class PackForm(forms.Form):
    gross_g = WholeNumberField(
        label=_("Weight of the whole parcel, in grams"), low=1, high=HEAVIEST_G, required=False,
        help_text=_("With everything around the goods, as the scales say."),
    )  # fmt: skip
    phone = forms.RegexField(
        label=_("Your telephone number"), regex=r"\A\+?[0-9 ()/\-]{5,30}\Z", required=False,
        error_messages={"invalid": _("Write it like +91 141 555 0100.")},
    )  # fmt: skip
    eori = forms.RegexField(
        label=_("Your EORI number, if you have one"), regex=r"\A[A-Z]{2}[A-Za-z0-9]{1,15}\Z", required=False,
        error_messages={"invalid": _("Two capital letters of the country and up to 15 letters or digits.")},
    )  # fmt: skip
    comments = forms.CharField(label=_("Restrictions customs should know of"), max_length=200, required=False)
    licences = forms.CharField(label=_("Licence numbers"), max_length=100, required=False)
    certificates = forms.CharField(label=_("Certificate numbers"), max_length=100, required=False)

    def __init__(self, *args: Any, order: Order, parcel: PackedParcel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(order.lines.order_by("pk"))
        for name in ("gross_g", "phone", "eori", "comments", "licences", "certificates"):
            self.fields[name].initial = getattr(parcel, name)
        self.fields["postage"] = MoneyField(
            label=_("What the post takes for this parcel"), currency=order.currency, low=0, high=10**12, required=False
        )
        if parcel.postage_minor is not None:
            self.fields["postage"].initial = Money(parcel.postage_minor, order.currency)
        for line in self.lines:
            said = parcel.pieces.get(str(line.pk), {})
            named = {"title": line.title}
            self.fields[f"pieces_{line.pk}"] = WholeNumberField(
                label=_("Pieces of “%(title)s” in this parcel") % named, low=0, high=line.quantity,
                initial=said.get("quantity", 0),
            )  # fmt: skip
            self.fields[f"net_{line.pk}"] = WholeNumberField(
                label=_("Net weight of one “%(title)s”, in grams") % named, low=1, high=HEAVIEST_G, required=False,
                initial=said.get("net_g"), help_text=_("Without any packaging."),
            )  # fmt: skip

    def facts(self) -> Facts:
        data = self.cleaned_data
        postage: Money | None = data["postage"]
        return Facts(
            pieces={
                line.pk: (_whole(data[f"pieces_{line.pk}"]) or 0, _whole(data[f"net_{line.pk}"])) for line in self.lines
            },
            gross_g=_whole(data["gross_g"]),
            postage_minor=postage.amount if postage is not None else None,
            **{name: data[name] for name in ("phone", "eori", "comments", "licences", "certificates")},
        )


def _whole(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
