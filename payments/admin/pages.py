"""What the admin pages of this app share: a page with one form, a service call, amounts in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fx.format import format_money
from fx.money import EXPONENT, Money, MoneyError
from marketplace.admin import AnyModelAdmin
from marketplace.models import User
from payments.errors import PaymentError
from payments.ledger.posting import LedgerRefused


class AmountWidget(forms.MultiWidget):
    def decompress(self, value: Money | None) -> list[str | None]:
        return [None, None] if value is None else list(value.json().values())


class AmountField(forms.MultiValueField):
    """An amount as people write it, and its currency; cleaned to Money."""

    def __init__(self, **how: Any) -> None:
        codes = [("", "—"), *((code, code) for code in sorted(EXPONENT))]  # nobody's amount is dirhams by default
        fields = (forms.CharField(max_length=24), forms.ChoiceField(choices=codes))
        number = forms.TextInput(attrs={"inputmode": "decimal", "size": 16})
        widget = AmountWidget([number, forms.Select(choices=codes)])
        super().__init__(fields=fields, widget=widget, **how)

    def compress(self, data_list: list[str]) -> Money | None:
        if not data_list:
            return None
        try:
            return Money.parse(data_list[0].strip(), data_list[1])
        except MoneyError as error:
            raise forms.ValidationError(str(error)) from error


def said(money: Money) -> str:
    return format_money(money, get_language() or "en")


def may(request: HttpRequest, permission: str) -> User:
    """Who asks; refuses who lacks the permission."""
    if not isinstance(request.user, User) or not request.user.has_perm(permission):
        raise PermissionDenied
    return request.user


def attempt(request: HttpRequest, what: str, do: Callable[[], object]) -> bool:
    """Call a service; say that `what` is done, or only why it was refused."""
    try:
        do()
    except (PaymentError, LedgerRefused) as error:
        messages.error(request, str(error))
        return False
    messages.success(request, what)
    return True


def form_page(
    site_admin: AnyModelAdmin,
    request: HttpRequest,
    form: forms.Form,
    *,
    title: str,
    facts: list[tuple[Any, Any]],
) -> HttpResponse:
    """A page that asks one thing. `facts` are shown above the form, in pairs."""
    context = {
        **site_admin.admin_site.each_context(request),
        "form": form,
        "title": title,
        "facts": facts,
        "opts": site_admin.opts,
        "button": _("Confirm"),
    }
    return TemplateResponse(request, "admin/payments/form.html", context)


def back_to_list(site_admin: AnyModelAdmin) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"admin:payments_{site_admin.opts.model_name}_changelist"))
