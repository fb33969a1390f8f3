"""Every form of the pages, field by field, with what nobody should send: a clear message, and nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from listings.models import Listing
from tests.conftest import PASSWORD
from tests.security.actors import Actor
from tests.security.digest import Digest, changed_by, digest
from tests.security.forms import Field, Form, forms_of
from tests.security.stage import Stage, picture

pytestmark = pytest.mark.django_db

LONG = "a" * 100_000
HUGE = "1" + "0" * 30
NUL = "1\x002"
HALF = "%ED%A0%80"  # half a surrogate pair, as its three bytes
ODD = "\u202e{{7*7}}%s%n'\"><script>alert(1)</script>\u200d\U0001f469\u0300" + "' OR 1=1--"

# What must be refused, by kind of field.
WRONG: dict[str, list[str]] = {
    "amount": [
        "-5", "-0.00", HUGE, "NaN", "1e5", "1_000", "١٢", "5\uff15", "10.123456789", "1,50", "+1", NUL, LONG,
    ],
    "whole": ["-1", "1.5", "1e3", HUGE, "NaN", "٣", "1_0", NUL, LONG],
    "choice": ["nonsense", NUL, HALF],
    "email": ["x", "x@", "x@y@z.de", "a@b.de,c@d.de", "x@y.de\nBcc: z@y.de", NUL, LONG],
    "text": [NUL, LONG],
    "tick": [],
    "secret": [NUL],
    "hidden": ["nonsense", HUGE, NUL],
    "file": [],
}  # fmt: skip
# What may be taken or refused, but breaks nothing.
STRANGE: dict[str, list[str]] = {"text": [ODD, HALF], "tick": ["nonsense", NUL], "secret": [ODD, LONG]}
# Hidden fields that are read leniently: a wrong one is as none.
LENIENT = re.compile(r"next|csrfmiddlewaretoken|action|initial-.*|(?:.*-)?(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS")
BOUNDLESS = {"body"}  # of a legal text, which staff write
UNSAID = {("/account/email/", "choice")}  # the library's own list: what is not on it is left alone without a word

FILL = {
    "name": "A good name",
    "title": "A plain cushion",
    "description": "Stuffed with wool.",
    "price": "950",
    "hs_code": "621490",
    "weight_g": "300",
    "stock": "2",
    "city": "Udaipur",
    "handling_days": "3",
    "first": "500",
    "next": "100",
    "max_weight_g": "2000",
    "min_days": "3",
    "max_days": "9",
    "carrier": "Post",
    "tracking_number": "EE123456785IN",
    "reason": "It is torn.",
    "answer": "It left whole.",
    "alt": "What it shows",
    "holder": "Alice",
    "country": "DE",
    "account": "123456789012",
    "clearing_code": "SBIN0001234",
    "street_address": "Torstraße 1",
    "postal_code": "10119",
    "email": "guest@example.com",
    "login": "guest@example.com",
    "password": PASSWORD,
    "password1": "a-long-enough-one",
    "password2": "a-long-enough-one",
    "oldpassword": PASSWORD,
    "quantity": "1",
    "text": "REF 7",
    "note": "Looked at.",
    "reference": "ref 7",
    "amount_0": "5.00",
    "amount_1": "EUR",
    "sold_0": "5.00",
    "sold_1": "INR",
    "bought_0": "1.00",
    "bought_1": "EUR",
    "processor": "stripe",
    "code": "999999",
    "decision": "reject",
    "edition": "HS 2022",
    "kind": "terms",
    "version": "9",
    "body": "Words",
    "effective_at_0": "2031-01-01",
    "effective_at_1": "00:00:00",
}

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
    "edit a shop": ("alice", _page("/sell/shop/")),
    "a new listing": ("alice", _page("/sell/listings/new/")),
    "a listing": ("alice", _draft),
    "a sale to ship": ("alice", _order("paid", "/sell/orders/")),
    "a complaint to answer": ("alice", _order("disputed", "/sell/orders/")),
    "the seller's money": ("alice", _page("/sell/money/")),
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
    "admin: a settlement": ("finance", _page("/admin/payments/settlement/add/")),
    "admin: a fill": ("finance", _page("/admin/payments/fill/add/")),
    "admin: a payout": (
        "admin",
        lambda stage, actor: f"/admin/payments/payout/{stage.payout and stage.payout.pk}/end/",
    ),
    "admin: a case": ("finance", lambda stage, actor: f"/admin/payments/case/{stage.case and stage.case.pk}/settle/"),
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
# Addresses that are read: parameters that a person, or a robot, makes up.
READ = [
    ("/browse/", ["q", "ship_to", "currency", "sort", "page"]),
    ("/s/chaya-prints/", ["page"]),
    ("/sell/hs/", ["q", "hs_code"]),
    ("/sell/listings/", ["page"]),
    ("/sell/orders/", ["page"]),
    ("/orders/", ["page"]),
    ("/settings/visitor/", ["next"]),
    ("/account/login/", ["next"]),
    ("/checkout/", ["country"]),
    ("/account/confirm-email/{}/", []),
    ("/account/password/reset/key/1-{}/", []),
    ("/l/{}/", []),
    ("/s/{}/", []),
    ("/legal/{}/", []),
    ("/legal/terms/{}/", []),
    ("/hooks/{}/", []),
    ("/media/photos/{}", []),
    ("/orders/{}/", []),
    ("/sell/listings/{}/", []),
]
MADE_UP = [
    "",
    "-1",
    "0",
    HUGE,
    "NaN",
    "١٢",
    "%00",
    "1%002",
    HALF,
    "%FF",
    quote(ODD),
    "..%2F..%2Fetc%2Fpasswd",
    "a" * 5000,
]
ERROR = re.compile(r'class="[^"]*\b(errorlist|errornote|error)\b|role="alert"')


# Forms that even a careful person's input is refused by, here.
CANNOT_WORK = re.compile(r"/account/login/|/admin/listings/listing/\d+/change/")  # nobody's address; only looked at


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
        refused = page.status_code >= 400 or ERROR.search(shown.content.decode())
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
    who, prepare = PAGES[name]
    actor = Actor(who, stage)
    path = prepare(stage, actor)
    page = actor.ask("GET", path)
    assert page.status_code == 200, f"{path}: {page.status_code}"
    forms = forms_of(page.content.decode())
    before, mistakes = digest(), []
    for form in forms:
        for one in form.fields.values():
            mistakes += _try(actor, path, form, one, before)
    assert not mistakes, "\n".join(mistakes)
    assert forms


def _try(actor: Actor, path: str, form: Form, one: Field, before: Digest) -> list[str]:
    mistakes = []
    lenient, bounded = LENIENT.fullmatch(one.name), one.name not in BOUNDLESS
    strict = [] if lenient else [value for value in WRONG[one.kind] if bounded or value != LONG]
    if one.required and one.kind not in {"hidden", "file"}:
        strict.append("")
    for value in [*strict, *STRANGE.get(one.kind, [])]:
        said = _send(actor, path, form, one, value, before, refused=value in strict)
        if said:
            mistakes.append(f"{form.action or path} {one.name} ({one.kind}) = {value[:30]!r}: {said}")
    return mistakes


def _send(actor: Actor, path: str, form: Form, one: Field, value: str, before: Digest, *, refused: bool) -> str:
    """Empty when all is well; else what was wrong with the answer."""
    sent = form.filled(FILL) | {one.name: value}
    answers: list[Any] = []
    point = transaction.savepoint()
    try:
        changed = changed_by(lambda: answers.append(_post(actor, form.action or path, sent)), before)
        page = answers[0]
        shown = actor.client.get(page["Location"]) if page.status_code == 302 else page
    finally:
        transaction.savepoint_rollback(point)
    if page.status_code >= 500 or shown.status_code >= 500:
        return f"{page.status_code} then {shown.status_code}"
    if not refused:
        return ""
    if changed:
        return f"was taken and changed {', '.join(sorted(changed))}"
    if (form.action, one.kind) in UNSAID:
        return ""
    return "" if shown.status_code in {400, 403, 404} or ERROR.search(shown.content.decode()) else "no error is shown"


def _post(actor: Actor, action: str, sent: dict[str, str]) -> Any:
    """As bytes, so that what is no text can be sent as well."""
    plain = urlencode({name: value for name, value in sent.items() if value != HALF})
    body = "&".join([plain, *(f"{name}={HALF}" for name, value in sent.items() if value == HALF)])
    return actor.post_bytes(action, body.encode(), "application/x-www-form-urlencoded")


@pytest.mark.parametrize(("path", "names"), READ)
def test_made_up_addresses_break_nothing(path: str, names: list[str], stage: Stage) -> None:
    bob = Actor("alice", stage)
    _basket(stage, bob)
    for value in MADE_UP:
        for address in [f"{path}?{name}={value}" for name in names] or [path.format(value)]:
            answer = bob.ask("GET", address)
            assert answer.status_code in {200, 301, 302, 400, 404, 405}, f"{address[:80]}: {answer.status_code}"


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "messages", "visitor"])
def test_made_up_cookies_break_nothing(cookie: str, stage: Stage) -> None:
    for value in ("x", HUGE, '"\\000aaaaaaaaaaaaaaaa"', '"a\\000aaaaaaaaaaaaaa"', "[]", "null", "a" * 4000, ODD[2:9]):
        client = Client(raise_request_exception=False, headers={"Cookie": f"{cookie}={value}"})
        for path in ("/", "/cart/", "/account/", "/api/v1/basket/", "/admin/"):
            status = client.get(path).status_code
            assert status in {200, 302, 400, 401}, f"{path} with {cookie}={value[:30]}: {status}"
        assert client.post("/cart/add/", {"listing": stage.scarf.pk, "quantity": 1}).status_code in {302, 400}
