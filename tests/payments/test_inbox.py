"""Webhooks: kept once, believed never, applied in any order."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from fx.money import Money
from marketplace.lib.clock import shifted
from payments import inbox
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, InboxEvent, Payment
from payments.processors.base import Outcome, Unavailable
from payments.services import LineDraft, request_refund
from tests.payments.conftest import Open, work
from tests.payments.pocket import FarEnd, sign, webhook

pytestmark = pytest.mark.django_db
Scarf = list[LineDraft]


def post(client: Client, body: bytes, headers: dict[str, str], slug: str = "pocket") -> int:
    response = client.post(f"/hooks/{slug}/", data=body, content_type="application/json", headers=headers)
    return response.status_code


def drain() -> int:
    events = inbox.due_events()
    return sum(len(inbox.process(event)) for event in events)


def test_a_genuine_webhook_is_kept_and_applied_later(opened: Open, scarf: Scarf, far: FarEnd, client: Client) -> None:
    payment = opened(scarf)
    work()
    far.pay("payment_1")
    assert post(client, *webhook(far.things["payment_1"], "evt_1")) == 200
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    assert drain() == 1
    payment.refresh_from_db()
    assert payment.state == Payment.State.CAPTURED
    assert (drain(), InboxEvent.objects.get().error) == (0, "")


def test_a_duplicate_is_answered_well_and_kept_once(opened: Open, scarf: Scarf, far: FarEnd, client: Client) -> None:
    opened(scarf)
    work()
    far.pay("payment_1")
    body, headers = webhook(far.things["payment_1"], "evt_1")
    assert [post(client, body, headers) for _ in range(3)] == [200, 200, 200]
    assert InboxEvent.objects.count() == 1
    assert drain() == 1
    assert post(client, body, headers) == 200
    assert (drain(), balance(codes.hold("A1", "INR"))) == (0, Money(250000, "INR"))


def test_in_any_order_and_whatever_they_claim_the_truth_is_fetched(
    opened: Open, scarf: Scarf, far: FarEnd, client: Client
) -> None:
    payment = opened(scarf)
    work()
    thing = far.things["payment_1"]
    claims = [Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELED, Outcome.PENDING]
    for number, outcome in enumerate(claims):
        assert post(client, *webhook(thing, f"evt_{number}", outcome)) == 200
    drain()
    payment.refresh_from_db()
    assert payment.state == Payment.State.PENDING
    far.pay("payment_1")
    for number, outcome in enumerate(reversed(claims)):
        assert post(client, *webhook(thing, f"evt_9{number}", outcome)) == 200
    drain()
    payment.refresh_from_db()
    assert (payment.state, Case.objects.count()) == (Payment.State.CAPTURED, 0)


def test_one_that_outruns_the_reply_to_create_is_bound_by_our_key(
    opened: Open, scarf: Scarf, far: FarEnd, client: Client
) -> None:
    payment = opened(scarf)
    thing = far.make("payment", f"create:{payment.pk}", payment.amount, Outcome.PENDING)
    far.pay(thing.id)
    assert post(client, *webhook(thing, "evt_1")) == 200
    drain()
    work()
    payment.refresh_from_db()
    assert (payment.state, payment.processor_ref) == (Payment.State.CAPTURED, thing.id)
    assert len(far.payments()) == 1


def test_a_refund_is_followed_too(paid: Open, scarf: Scarf, far: FarEnd, client: Client) -> None:
    payment = paid(scarf)
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    far.lose = 1
    work()
    assert post(client, *webhook(far.refunds()[0], "evt_r")) == 200
    assert drain() == 1
    refund.refresh_from_db()
    assert refund.state == "succeeded"


def test_one_about_nothing_of_ours_opens_a_case_and_moves_nothing(far: FarEnd, client: Client) -> None:
    thing = far.make("payment", "other-shop", Money(5, "EUR"), Outcome.SUCCEEDED)
    far.pay(thing.id)
    assert post(client, *webhook(thing, "evt_1")) == 200
    assert drain() == 0
    assert Case.objects.get().kind == Case.Kind.STRANGER


def test_one_that_cannot_be_applied_now_is_tried_again(opened: Open, scarf: Scarf, far: FarEnd, client: Client) -> None:
    opened(scarf)
    work()
    far.pay("payment_1")
    post(client, *webhook(far.things["payment_1"], "evt_1"))
    far.down = True
    with pytest.raises(Unavailable):
        drain()
    assert (InboxEvent.objects.get().attempts, inbox.due_events()) == (1, [])
    far.down = False
    with shifted(seconds=3):
        assert drain() == 1


def test_one_that_never_can_be_applied_waits_for_a_person(
    opened: Open, scarf: Scarf, far: FarEnd, client: Client
) -> None:
    opened(scarf)
    work()
    post(client, *webhook(far.things["payment_1"], "evt_1"))
    far.down = True
    for turn in range(inbox.GIVE_UP):
        with shifted(hours=2 * turn), pytest.raises(Unavailable):
            drain()
    with shifted(days=9):
        assert inbox.due_events() == []
    assert Case.objects.get().kind == Case.Kind.DEAD


def test_a_kind_of_news_that_is_not_ours_to_keep_is_answered_well(far: FarEnd, client: Client) -> None:
    body = json.dumps({"kind": "weather"}).encode()
    assert post(client, body, {"Pocket-Signature": sign(body)}) == 200
    assert InboxEvent.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b"\xff\xfe", b"{" * 90000, b'{"kind":"payment"}', b'"text"', b"1e999"],
    ids=["empty", "list", "null", "object", "no utf-8", "deep", "half", "text", "infinity"],
)
@pytest.mark.parametrize("signed", [True, False])
def test_what_cannot_be_read_is_refused_and_not_kept(far: FarEnd, client: Client, body: bytes, signed: bool) -> None:
    headers = {"Pocket-Signature": sign(body)} if signed else {"Pocket-Signature": "forged ÿ"}
    assert post(client, body, headers) == 400
    assert InboxEvent.objects.count() == 0


def test_a_body_that_was_changed_on_the_way_is_refused(far: FarEnd, client: Client) -> None:
    thing = far.make("payment", "k", Money(5, "EUR"), Outcome.SUCCEEDED)
    body, headers = webhook(thing, "evt_1")
    assert post(client, body.replace(b"succeeded", b"canceled_"), headers) == 400
    assert post(client, body, {}) == 400
    assert InboxEvent.objects.count() == 0


def test_a_huge_body_is_refused_before_it_is_read(far: FarEnd, client: Client) -> None:
    body = b" " * (256 * 1024 + 1)
    assert post(client, body, {"Pocket-Signature": sign(body)}) == 413
    assert InboxEvent.objects.count() == 0


@pytest.mark.parametrize("slug", ["nobody", "bank", "coinbox"])
def test_only_processors_with_webhooks_have_a_door(far: FarEnd, client: Client, slug: str) -> None:
    assert post(client, b"{}", {}, slug) in {400, 404}
    assert InboxEvent.objects.count() == 0


def test_the_door_takes_posts_only(far: FarEnd, client: Client) -> None:
    assert client.get("/hooks/pocket/").status_code == 405
