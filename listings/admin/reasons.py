"""What staff say to a seller when they decide about a listing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        help_text=_("The seller reads it in a letter."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
