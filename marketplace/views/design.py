"""Every component on one page, for whoever works on the look. Staff only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fx.money import Money
from marketplace.lib.clock import now


@dataclass(frozen=True)
class Row:
    label: str
    amount: Money | None = None
    note: str = ""
    certainty: str = "exact"
    bps: int | None = None
    payer: str = "checkout"
    sum: bool = False


COUNTRIES = [("DE", "Germany"), ("FR", "France")]


class SampleForm(forms.Form):
    title = forms.CharField(label="Title", help_text="What a buyer would search for.")
    price = forms.DecimalField(label="Price")
    about = forms.CharField(
        label="Donaudampfschifffahrtsgesellschaftskapitänsbeschreibung", required=False, widget=forms.Textarea
    )
    origin = forms.ChoiceField(label="Made in", choices=[("IN", "India"), ("MX", "Mexico")])
    ways = forms.MultipleChoiceField(label="Goes to", choices=COUNTRIES, widget=forms.CheckboxSelectMultiple)
    photo = forms.FileField(label="Picture", required=False)
    agree = forms.BooleanField(label="I accept the <a href='/legal/seller/'>seller agreement</a>.")


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    if not getattr(request.user, "is_staff", False):
        raise PermissionDenied
    return render(request, "marketplace/design.html", _samples())


def _samples() -> dict[str, Any]:
    euro = [Money(minor, "EUR") for minor in (1778, 640, 816, 3234, 7)]
    lines = [
        Row("Block-printed scarf", euro[0], "INR 1,900 at 107.31, mid-market + 0.40 %", bps=5498),
        Row("Tracked post, 6 to 12 days", euro[1], bps=1979),
        Row("EU duty and VAT", euro[2], "EUR 3 for one kind of goods, then 19 %", "estimate", 2523),
        Row("Carrier's fee", None, "The carrier sets it when it declares the parcel.", "unknown", payer="delivery"),
    ]
    steps = [
        {"label": "Paid", "at": now(), "state": "done", "note": "32.34 € are held for you."},
        {"label": "With the carrier", "at": None, "state": "now", "note": "Until 4 December, else we ask you."},
        {"label": "At your door", "at": None, "state": "next"},
    ]
    return {
        "lines": lines,
        "total": euro[3],
        "steps": steps,
        "rows": [Row("Payable", euro[3], sum=True), Row("On its way", euro[4])],
        "form": SampleForm({"title": "", "price": "1e5", "ways": ["DE"], "origin": "MX"}),
        "page": Paginator(range(100), 10).page(3),
        "table": [["2HK-93M", "Paid", euro[3]], ["8PW-22A", "Shipped", euro[0]]],
        "door": euro[3],
    }
