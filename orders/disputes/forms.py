"""Forms of a conversation and of a dispute in it: what is wrong, an answer, a message, an offer, a decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from listings.fields import MoneyField, PhotosField
from orders.disputes.messages import PICTURES_MAX
from orders.models import Dispute, Order

PICTURES = _("At most five. JPEG, PNG, WebP or AVIF, at most 10 MB each. Only buyer, seller and moderators see them.")


class PicturesForm(forms.Form):
    pictures = PhotosField(label=_("Pictures"), required=False, help_text=PICTURES)
    field_order = ("kind", "reason", "answer", "text", "pictures")

    def clean_pictures(self) -> list[Any]:
        files: list[Any] = self.cleaned_data["pictures"]
        if len(files) > PICTURES_MAX:
            raise forms.ValidationError(_("At most %(most)d pictures in one message.") % {"most": PICTURES_MAX})
        return files


def _words(label: Any, required: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": required},
    )


class ComplaintForm(PicturesForm):
    kind = forms.ChoiceField(
        label=_("What is it?"), choices=Dispute.Kind.choices, initial="not_as_described", required=False
    )
    reason = _words(_("What is wrong?"), _("Say what is wrong, so that the seller can answer."))

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or Dispute.Kind.OTHER


class AnswerForm(PicturesForm):
    answer = _words(_("Your answer"), _("Write your side, so that the moderator can decide."))


class MessageForm(PicturesForm):
    text = _words(_("Message"), _("Write something; pictures alone do not say what they show."))


class OfferForm(forms.Form):
    """All, or an amount of what is held; `back()` is what was chosen, none for all."""

    everything = forms.BooleanField(label=_("Everything"), required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = order.held
        self.fields["amount"] = MoneyField(
            currency=most.currency,
            low=1,
            high=most.amount,
            required=False,
            label=_("or this much of it"),
            help_text=_("At most %(most)s.") % {"most": most},
        )
        self.fields["text"] = forms.CharField(
            label=_("Message"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("everything")) == bool(data.get("amount")) and not self.errors:
            raise forms.ValidationError(_("Offer everything or an amount."))
        return data

    def back(self) -> Money | None:
        amount: Money | None = self.cleaned_data["amount"]
        return None if self.cleaned_data["everything"] else amount


class OfferAnswerForm(forms.Form):
    offer = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Decide for"),
        choices=[
            ("buyer", _("the buyer: all goes back")),
            ("seller", _("the seller: all is paid")),
            ("split", _("both: a part goes back, the rest is paid")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason, which both are told"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, held: Money, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["back"] = MoneyField(
            currency=held.currency,
            low=1,
            high=max(held.amount - 1, 1),
            required=False,
            label=_("For both: how much goes back"),
            help_text=_("Less than %(held)s, which is held.") % {"held": held},
        )
        self.order_fields(["outcome", "back", "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("outcome") == "split") != bool(data.get("back")) and not self.errors:
            raise forms.ValidationError(_("Give the amount that goes back for both, and for both only."))
        return data
