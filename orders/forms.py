"""Forms of basket, checkout, order and the seller's desk. Their messages say what is wrong and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.fields import MoneyField, WholeNumberField
from orders.checkout.carts import MAX_QUANTITY
from orders.models import Order, OrderLine, Return
from orders.returns.giving_back import Part, pieces_left
from orders.tracking import s10


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
    refund_terms = forms.ChoiceField(
        label=_("If money goes back"),
        required=False,
        choices=[
            ("value", _("Its value: the amount in the order’s currency, in coins at the price of that day.")),
            ("coin", _("The coins themselves, as many as you paid, for a while; later their value.")),
        ],
        initial="value",
        widget=forms.RadioSelect,
    )
    accept = forms.BooleanField(
        label=_("I accept the terms and have read the privacy notice."),
        error_messages={"required": _("Please accept the terms to order.")},
    )


def without_fault(number: str) -> str:
    """`number`, unless it is one of a post and has a typing error."""
    if wrong := s10.fault(number):
        raise ValidationError(wrong)
    return number


class ShipForm(forms.Form):
    carrier = forms.CharField(
        label=_("Carrier"),
        max_length=60,
        help_text=_("Choose one that is suggested, and the buyer gets a link to its page, where we know one."),
        widget=forms.TextInput(attrs={"list": "carriers", "autocomplete": "off"}),
    )
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
        return without_fault(str(self.cleaned_data["tracking_number"]).replace(" ", "").upper())


class GiveBackForm(forms.Form):
    """Everything, some pieces, or an amount of one order's goods and shipping; `part()` is what was chosen."""

    everything = forms.BooleanField(label=_("Everything that is left"), required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.pieces = order, {}
        for line, there in pieces_left(order):
            name = f"pieces_{line.pk}"
            label = _("Pieces of “%(title)s”, at most %(there)d") % {"title": line.title, "there": there}
            self.fields[name] = WholeNumberField(label=label, low=0, high=there, required=False)
            self.pieces[name] = line.pk
        goods, shipping = order.goods_minor - order.refunded_goods_minor, order.shipping_minor
        self.fields["goods"] = self._money(_("or an amount of the goods"), goods)
        self.fields["shipping"] = self._money(_("Of the shipping"), shipping - order.refunded_shipping_minor)
        self.fields["restocked"] = forms.BooleanField(label=_("The pieces are on sale again"), required=False)
        self.fields["why"] = forms.CharField(label=_("Why? Both of you read it"), max_length=200)

    def _money(self, label: Any, high: int) -> MoneyField:
        help_text = _("At most %(most)s.") % {"most": Money(high, self.order.currency)}
        return MoneyField(
            currency=self.order.currency, low=0, high=high, required=False, label=label, help_text=help_text
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        items = any(data.get(name) for name in self.pieces)
        if not (data.get("everything") or items or data.get("goods") or data.get("shipping")) and not self.errors:
            raise forms.ValidationError(_("Say what goes back: everything, pieces, or an amount."))
        return data

    def part(self) -> Part:
        data = self.cleaned_data
        return Part(
            everything=data["everything"],
            items={pk: data[name] for name, pk in self.pieces.items() if data[name]},
            goods=data["goods"],
            shipping=data["shipping"],
            restocked=data["restocked"],
        )


class PiecesForm(forms.Form):
    """How many of each line; `items()` is what was chosen."""

    def __init__(self, *args: Any, lines: Sequence[tuple[OrderLine, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {f"pieces_{line.pk}": line.pk for line, _there in lines}
        for line, there in lines:
            label = _("Pieces of “%(title)s”, at most %(there)d") % {"title": line.title, "there": there}
            self.fields[f"pieces_{line.pk}"] = WholeNumberField(
                label=label, low=0, high=there, required=False, initial=str(there)
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.get(name) for name in self.lines):
            raise forms.ValidationError(_("Choose at least one piece."))
        return data

    def items(self) -> dict[int, int]:
        return {pk: self.cleaned_data[name] for name, pk in self.lines.items() if self.cleaned_data[name]}


class WithdrawForm(PiecesForm):
    name = forms.CharField(label=_("Your name, as on the order"), max_length=120)
    field_order = ("name",)

    def __init__(self, *args: Any, lines: Sequence[tuple[OrderLine, int]], **kwargs: Any) -> None:
        super().__init__(*args, lines=lines, **kwargs)
        for line, _there in lines:
            if line.no_withdrawal:
                self.fields[f"pieces_{line.pk}"].help_text = _("Only while its seal is whole.")


class SendBackForm(PiecesForm):
    reason = forms.CharField(
        label=_("Why would you like to send it back?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class SentBackForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=60)
    tracking_number = forms.RegexField(
        label=_("Number on the receipt"),
        regex=r"^[A-Za-z0-9 \-]{5,40}$",
        error_messages={"invalid": _("5 to 40 letters and digits, as on the receipt of the post office.")},
    )

    def clean_tracking_number(self) -> str:
        return without_fault(str(self.cleaned_data["tracking_number"]))


class WhyForm(forms.Form):
    why = forms.CharField(
        label=_("Why? Both of you read it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CancelSaleForm(WhyForm):
    restocked = forms.BooleanField(label=_("The pieces are on sale again"), required=False)


class CameBackForm(CancelSaleForm):
    keep_shipping = forms.BooleanField(
        label=_("It was the buyer’s doing (refused, wrong address): the postage stays mine"), required=False
    )


class AuthorizeForm(forms.Form):
    send_to = forms.CharField(
        label=_("Where should it be sent?"), max_length=500, widget=forms.Textarea(attrs={"rows": 4})
    )
    payer = forms.ChoiceField(
        label=_("Who pays the way back?"),
        choices=Return.Payer,
        help_text=_("If you do, say above how: a label that you send, or a pick-up. The buyer does not advance it."),
    )


class ReceivedForm(forms.Form):
    restocked = forms.BooleanField(label=_("The pieces are on sale again"), required=False)


class RefundAddressForm(forms.Form):
    """`label` is the processor's own: an address of which coin, on which network."""

    destination = forms.CharField(label=_("Your address"), max_length=100)

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["destination"].label = label


class DiscountForm(forms.Form):
    percent = WholeNumberField(
        label=_("Percent of the saving that your buyers get"),
        low=0,
        high=100,
        help_text=_("0 shares nothing, 100 all of it. You never get less than by the dearest way to pay."),
    )
