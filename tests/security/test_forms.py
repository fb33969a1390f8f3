"""Every form of the pages, field by field, with what nobody should send: a clear message, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from listings.models import Listing
from payments.models import Chargeback, Drawing
from tests.security.actors import Actor
from tests.security.digest import Digest, changed_by, digest
from tests.security.forms import Field, Form, forms_of
from tests.security.inputs import BOUNDLESS, FILL, HALF, LENIENT, LONG, STRANGE, UNSAID, WRONG
from tests.security.stage import Stage, picture

pytestmark = pytest.mark.django_db

Prepare = Callable[[Stage, Actor], str]


def _page(path: str) -> Prepare:
    return lambda stage, actor: path


def _order(name: str, prefix: str = "/orders/") -> Prepare:
    return lambda stage, actor: f"{prefix}{stage.orders[name].number}/"


def _basket(stage: Stage, actor: Actor, path: str = "/cart/") -> str:
    actor.ask("POST", "/cart/add/", {"listing": stage.vase.pk, "quantity": "1"})
    actor.keep()
    return path


def _checkout(stage: Stage, actor: Actor) -> str:
    return _basket(stage, actor, "/checkout/?country=DE")


def _review(stage: Stage, actor: Actor) -> str:
    page = actor.ask("GET", _checkout(stage, actor)).content.decode()
    [form] = [form for form in forms_of(page) if form.action == "/checkout/"]
    answer = actor.ask("POST", "/checkout/", form.filled(FILL))
    assert answer["Location"] == "/checkout/review/", answer
    actor.keep()
    return "/checkout/review/"


def _draft(stage: Stage, actor: Actor) -> str:
    Listing.objects.filter(pk=stage.draft.pk).update(review_note="")  # which looks like an error
    return f"/sell/listings/{stage.draft.pk}/"


PAGES: dict[str, tuple[str, Prepare]] = {
    "open a shop": ("charlie", _page("/sell/shop/")),
    "a discount": ("alice", _page("/sell/discount/")),
    "edit a shop": ("alice", _page("/sell/shop/")),
    "a registration": ("alice", _page("/sell/registrations/")),
    "admin: a registration": ("finance", _page("/admin/listings/registration/add/")),
    "a new listing": ("alice", _page("/sell/listings/new/")),
    "a listing": ("alice", _draft),
    "a sale to ship": ("alice", _order("paid", "/sell/orders/")),
    "admin: a reserve": ("moderator", lambda stage, actor: f"/admin/listings/shop/{stage.shop.pk}/reserve/"),
    "admin: a fixed price": (
        "moderator",
        lambda stage, actor: f"/admin/listings/listing/{stage.waiting.pk}/fixed-price/JPY/",
    ),
    "a withdrawal": ("bob", lambda stage, actor: f"/orders/{stage.orders['delivered'].number}/withdraw/"),
    "something to send back": ("bob", lambda stage, actor: f"/orders/{stage.orders['delivered'].number}/send-back/"),
    "another address": ("bob", lambda stage, actor: f"/orders/{stage.orders['paid'].number}/address/"),
    "a parcel on its way": ("alice", _order("shipped", "/sell/orders/")),
    "admin: a return": (
        "moderator",
        lambda stage, actor: f"/admin/orders/return/{stage.orders['back'].returns.get().pk}/decide/",
    ),
    "papers": ("alice", lambda stage, actor: f"/sell/orders/{stage.orders['paid'].number}/papers/1/"),
    "money to give back": ("alice", lambda stage, actor: f"/sell/orders/{stage.orders['paid'].number}/refund/"),
    "admin: money to give back": (
        "finance",
        lambda stage, actor: f"/admin/orders/order/{stage.orders['paid'].pk}/give-back/",
    ),
    "a complaint to answer": ("alice", _order("disputed", "/sell/orders/")),
    "an offer to answer": ("bob", _order("answered")),
    "the seller's money": ("alice", _page("/sell/money/")),
    "an address for invoices": ("alice", _page("/sell/money/invoices/address/")),
    "a listing to buy": ("bob", lambda stage, actor: f"/l/{stage.scarf.slug}/"),
    "the basket": ("bob", _basket),
    "an address": ("bob", _checkout),
    "a guest's address": ("anon", _checkout),
    "the whole price": ("bob", _review),
    "a card to pay with": ("bob", lambda stage, actor: f"/pay/{stage.checkouts['placed'].token}/"),
    "coins to pay with": ("bob", lambda stage, actor: f"/pay/{stage.checkouts['coins'].token}/"),
    "an order": ("bob", _order("delivered")),
    "the visitor's choices": ("bob", _page("/settings/visitor/")),
    "the account": ("bob", _page("/account/")),
    "e-mail addresses": ("bob", _page("/account/email/")),
    "a new password": ("bob", _page("/account/password/change/")),
    "logging in": ("anon", _page("/account/login/")),
    "signing up": ("anon", _page("/account/signup/")),
    "a forgotten password": ("anon", _page("/account/password/reset/")),
    "a password once more": ("bob", _page("/account/reauthenticate/")),
    "admin: a chargeback to accept": (
        "finance",
        lambda stage, actor: f"/admin/payments/chargeback/{Chargeback.objects.get().pk}/answer/",
    ),
    "admin: a window to close": ("finance", _page("/admin/fx/window/close/")),
    "admin: a settlement": ("finance", _page("/admin/payments/settlement/add/")),
    "admin: a payout to decide": (
        "finance",
        lambda stage, actor: f"/admin/payments/payout/{stage.asked and stage.asked.pk}/decide/",
    ),
    "admin: coins to send": (
        "finance",
        lambda stage, actor: f"/admin/payments/payout/{stage.coins and stage.coins.pk}/sent/",
    ),
    "admin: a payout": (
        "admin",
        lambda stage, actor: f"/admin/payments/payout/{stage.payout and stage.payout.pk}/end/",
    ),
    "admin: a file of the bank": ("finance", _page("/admin/payments/bankmessage/add/")),
    "admin: a line of the bank": (
        "finance",
        lambda stage, actor: f"/admin/payments/bankline/{stage.line and stage.line.pk}/explain/",
    ),
    "admin: a freeze": ("finance", _page("/admin/payments/freeze/add/")),
    "admin: a fee": ("finance", _page("/admin/payments/feerow/add/")),
    "admin: own income": ("finance", _page("/admin/payments/drawing/add/")),
    "admin: own income to decide": (
        "finance",
        lambda stage, actor: f"/admin/payments/drawing/{Drawing.objects.get().pk}/decide/",
    ),
    "admin: a tax rate": ("finance", _page("/admin/payments/taxrate/add/")),
    "admin: an audit": ("finance", _page("/admin/payments/auditrun/add/")),
    "admin: a freeze to lift": (
        "finance",
        lambda stage, actor: f"/admin/payments/freeze/{stage.frozen and stage.frozen.pk}/lift/",
    ),
    "admin: a difference": (
        "finance",
        lambda stage, actor: f"/admin/payments/reconitem/{stage.difference and stage.difference.pk}/close/",
    ),
    "admin: a case": ("finance", lambda stage, actor: f"/admin/payments/case/{stage.case and stage.case.pk}/settle/"),
    "admin: an outcome": (
        "finance",
        lambda stage, actor: f"/admin/payments/operation/{stage.dead and stage.dead.pk}/decide/",
    ),
    "admin: a dispute": (
        "moderator",
        lambda stage, actor: f"/admin/orders/dispute/{stage.orders['answered'].dispute.pk}/decide/",
    ),
    "admin: a review": (
        "moderator",
        lambda stage, actor: f"/admin/listings/listing/{stage.waiting.pk}/change/",
    ),
    "admin: an HS code": ("admin", _page("/admin/listings/hscode/add/")),
    "admin: a legal text": ("admin", _page("/admin/marketplace/legaltext/add/")),
}
ERROR = re.compile(r'class="[^"]*(?<![-\w])(errorlist|errornote|error)\b|role="alert"')

REFUSED = 'role="alert"'  # in place of a page: 400, 403 or 404
# Forms that even a careful person's input is refused by, here.
# Nobody's address; only looked at; a picture is no file of a bank; nothing was earned, and payouts are frozen.
CANNOT_WORK = re.compile(
    r"/account/login/|/admin/listings/listing/\d+/change/|/admin/payments/bankmessage/add/"
    r"|/admin/payments/drawing/(?:add|[0-9a-f-]{36}/decide)/"
)


@pytest.mark.parametrize("name", PAGES)
def test_good_input_is_taken(name: str, stage: Stage) -> None:
    """Else the next test would prove nothing: every refusal could be for another reason."""
    who, prepare = PAGES[name]
    actor = Actor(who, stage)
    path = prepare(stage, actor)
    for form in forms_of(actor.ask("GET", path).content.decode()):
        action = form.action or path
        point = transaction.savepoint()
        page = _post(actor, action, form.filled(FILL)) if not _has_file(form) else _post_file(actor, action, form)
        shown = actor.client.get(page["Location"]) if page.status_code == 302 else page
        transaction.savepoint_rollback(point)
        refused = page.status_code >= 400 or ERROR.search(shown.content.decode(errors="replace"))  # a PDF is no text
        assert bool(refused) is bool(CANNOT_WORK.fullmatch(action)), f"{action}: {_said(shown)}"


def _said(shown: Any) -> str:
    """The words around the first error of a page."""
    page = shown.content.decode()
    found = ERROR.search(page)
    return page[found.start() : found.start() + 300] if found else str(shown.status_code)


def _has_file(form: Form) -> bool:
    return any(one.kind == "file" for one in form.fields.values())


def _post_file(actor: Actor, action: str, form: Form) -> Any:
    name = next(one.name for one in form.fields.values() if one.kind == "file")
    upload = SimpleUploadedFile("a.png", picture().read(), "image/png")
    return actor.ask("POST", action, form.filled(FILL) | {name: upload})


@pytest.mark.parametrize("name", PAGES)
def test_bad_input_is_answered_in_words_and_changes_nothing(name: str, stage: Stage) -> None:
    """Every field wrong at once, each must be named; what is not named then is sent as the only wrong one."""
    who, prepare = PAGES[name]
    actor = Actor(who, stage)
    path = prepare(stage, actor)
    page = actor.ask("GET", path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    before, mistakes = digest(), []
    for form in forms_of(page.content.decode()):
        mistakes += _strange(actor, path, form, before)
        wrong = {one.name: values for one in form.fields.values() if (values := _wrong(one))}
        for turn in range(max(map(len, wrong.values()), default=0)):
            sent = {name: values[turn % len(values)] for name, values in wrong.items()}
            mistakes += _try(actor, path, form, sent, before)
    assert not mistakes, "\n".join(mistakes)


def _wrong(one: Field) -> list[str]:
    if LENIENT.fullmatch(one.name):
        return []
    values = [value for value in WRONG[one.kind] if one.name not in BOUNDLESS or value != LONG]
    return [*values, ""] if one.required and one.kind not in {"hidden", "file"} else values


def _try(actor: Actor, path: str, form: Form, wrong: dict[str, str], before: Digest) -> list[str]:
    """What was taken or not named."""
    said, page = _send(actor, path, form, wrong, before)
    silent = {name: value for name, value in wrong.items() if f'id="id_{name}_error"' not in page}
    if said or len(wrong) == 1:
        return _blame(form.action or path, wrong, said or _words(form, wrong, page))
    alone = [_try(actor, path, form, {name: value}, before) for name, value in silent.items()]
    return [mistake for mistakes in alone for mistake in mistakes]


def _blame(action: str, wrong: dict[str, str], said: str) -> list[str]:
    return [f"{action} {[(name, value[:30]) for name, value in wrong.items()]}: {said}"] if said else []


def _words(form: Form, wrong: dict[str, str], page: str) -> str:
    unsaid = {(form.action, form.fields[name].kind) for name in wrong} <= UNSAID
    return "" if unsaid or ERROR.search(page) else "no error is shown"


def _send(actor: Actor, path: str, form: Form, wrong: dict[str, str], before: Digest) -> tuple[str, str]:
    """What is wrong with the answer, if anything, and the page that is shown."""
    sent, answers = form.filled(FILL) | wrong, list[Any]()
    point = transaction.savepoint()
    try:
        changed = changed_by(lambda: answers.append(_post(actor, form.action or path, sent)), before)
        page = answers[0]
        shown = actor.client.get(page["Location"]) if page.status_code == 302 else page
    finally:
        transaction.savepoint_rollback(point)
    if page.status_code >= 500 or shown.status_code >= 500:
        return f"{page.status_code} then {shown.status_code}", ""
    refused = shown.status_code in {400, 403, 404}
    return f"was taken and changed {changed}" if changed else "", REFUSED if refused else shown.content.decode(
        errors="replace"
    )


def _strange(actor: Actor, path: str, form: Form, before: Digest) -> list[str]:
    """What may be taken or refused, but breaks nothing."""
    mistakes = []
    for turn in range(2):
        kinds = {name: STRANGE[one.kind][turn] for name, one in form.fields.items() if one.kind in STRANGE}
        odd = {name: value for name, value in kinds.items() if not LENIENT.fullmatch(name)}
        said, _page = _send(actor, path, form, odd, before)
        mistakes += _blame(form.action or path, odd, said if said.startswith("5") else "")
    return mistakes


def _post(actor: Actor, action: str, sent: dict[str, str]) -> Any:
    """As bytes, so that what is no text can be sent as well."""
    plain = urlencode({name: value for name, value in sent.items() if value != HALF})
    body = "&".join([plain, *(f"{name}={HALF}" for name, value in sent.items() if value == HALF)])
    return actor.post_bytes(action, body.encode(), "application/x-www-form-urlencoded")
