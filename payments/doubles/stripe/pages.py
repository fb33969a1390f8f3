"""What a buyer sees at the processor, plainly labelled: the hosted payment page, the bank's 3-D Secure question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from payments.doubles.stripe import checkout, connect, intents, money
from payments.doubles.stripe.cards import OFFERED
from payments.doubles.stripe.errors import ApiError

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

STYLE = Path(__file__).with_name("page.css")


@dataclass
class Page:
    data: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    location: str = ""


def call(double: Double, method: str, path: str, body: str, headers: dict[str, str]) -> Page:
    form = {name: values[0] for name, values in parse_qs(body).items()}
    with translation.override(_language(headers.get("accept-language", ""))):
        try:
            return _page(double, method, path, form)
        except ApiError as error:
            return _shown("message", {"text": str(error)}, status=error.status)
        finally:
            with double.store.lock:
                double.store.commit()
            double.sender.notice()


def _language(accepted: str) -> str:
    for code, _weight in parse_accept_lang_header(accepted.lower()):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return translation.get_language() or "en"


def _page(double: Double, method: str, path: str, form: dict[str, str]) -> Page:
    if path == "/page.css":
        return Page(STYLE.read_bytes(), kind="text/css; charset=utf-8")
    if path.startswith("/c/pay/"):
        return _checkout(double, method, path.removeprefix("/c/pay/"), form)
    if path.startswith("/3ds/"):
        return _secure(double, method, path.removeprefix("/3ds/"), form)
    if path.startswith("/connect/"):
        return _onboarding(double, method, path.removeprefix("/connect/"))
    raise ApiError(404, "invalid_request_error", _("There is no such page."))


def _onboarding(double: Double, method: str, name: str) -> Page:
    """Where a seller says who they are; here a button says it for them."""
    with double.store.lock:
        account = double.store.get("account", name)
        if method == "POST":
            connect.finish(double, name)
            return Page(location=account["back"])
    return _shown("connect", {"email": account["contact_email"]})


def _checkout(double: Double, method: str, name: str, form: dict[str, str]) -> Page:
    problem = ""
    with double.store.lock:
        checkout.expire_old(double)
        session = double.store.get("checkout.session", name)
        if session["status"] == "complete":
            return Page(location=session["success_url"])
        if session["status"] == "expired":
            raise ApiError(
                410,
                "invalid_request_error",
                _("This payment page has expired. Go back to the shop."),
            )
        if method == "POST":
            try:
                intent = checkout.pay(double, name, form.get("card", ""))
                action = (intent["next_action"] or {}).get("redirect_to_url", {})
                return Page(location=action.get("url") or session["success_url"])
            except ApiError as error:
                problem = str(error)
    return _shown(
        "checkout",
        {
            "session": session,
            "amount": money.shown(session["amount_total"], session["currency"]),
            "problem": problem,
            "chosen": form.get("card", "pm_card_de"),
            "cards": OFFERED,
        },
    )


def _secure(double: Double, method: str, name: str, form: dict[str, str]) -> Page:
    with double.store.lock:
        intent = double.store.get("payment_intent", name)
        if method == "POST":
            back = intents.finish_secure(double, name, passed=form.get("answer") == "complete")
            checkout.complete(double, intent)
            if back:
                return Page(location=back)
            return _shown("message", {"text": _("Done. Go back to the shop.")})
    if intent["status"] != "requires_action":
        raise ApiError(410, "invalid_request_error", _("This question has been answered. Go back to the shop."))
    return _shown("secure", {"amount": money.shown(intent["amount"], intent["currency"])})


def _shown(name: str, context: dict[str, Any], status: int = 200) -> Page:
    html = render_to_string(f"payments/stripe/double_{name}.html", context)
    return Page(html.encode(), status)
