"""Signing up and logging in: what allauth leaves to the project. Wiring: it hands a guest's basket to the account."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from marketplace import legal, letters
from marketplace.lib.bell import ring
from marketplace.lib.places import countries, currency_of
from marketplace.models import LegalText, User
from marketplace.tasks import send_letters
from marketplace.visitors import forget_guest, visitor_of
from orders.checkout import carts


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """E-mails become letters; whoever logs in keeps the basket they filled as a guest."""

    def send_mail(self, template_prefix: str, email: str, more: dict[str, Any]) -> None:
        """Write the letter and ring the bell: a mail server that is down must not fail a sign-up."""
        message = self.render_mail(template_prefix, email, {"email": email, "site_url": settings.SITE_URL, **more})
        letters.store(
            key=f"{letters.PRIVATE}{template_prefix.rsplit('/', 1)[-1]}:{uuid.uuid4()}",
            to=email,
            subject=message.subject,
            body=str(message.body),
            language=get_language() or settings.LANGUAGE_CODE,
        )
        ring(send_letters)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        if guest := forget_guest(request):
            carts.merge(visitor=guest, user=user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response


def _terms_label() -> str:
    words = gettext(
        "I accept the <a href='{terms}'>terms</a> and have read the <a href='{privacy}'>privacy notice</a>."
    )
    return format_html(
        words, terms=reverse("site:legal", args=["terms"]), privacy=reverse("site:legal", args=["privacy"])
    )


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    country = forms.ChoiceField(label=_("Where you live"))
    terms = forms.BooleanField(label=lazy(_terms_label, str)())

    field_order = ("name", "email", "password1", "country", "terms")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries(get_language() or "en")
        self.fields["country"].initial = visitor_of(context.request).country
        self.fields["password1"].help_text = _("At least 8 characters, and not one that everybody uses.")
        self.fields["email"].label = _("E-mail address")
        for name in ("email", "password1"):
            self.fields[name].widget.attrs.pop("placeholder", None)

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        return user

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        """Keep who this is, and which texts were accepted."""
        user.name, user.country = self.cleaned_data["name"], self.cleaned_data["country"]
        user.currency, user.language = currency_of(user.country), visitor_of(request).language
        user.save(update_fields=["name", "country", "currency", "language"])
        for kind in (LegalText.Kind.TERMS, LegalText.Kind.PRIVACY):
            legal.accept(legal.current(kind), user=user, email=user.email, ref="signup")
