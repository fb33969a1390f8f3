"""From a bank's question to our answer: the paper, the form, the deadline; who may, and how it ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client

from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import Letter, User
from marketplace.roles import make_roles
from orders import work
from orders.disputes import messages
from orders.evidence.answers import prepare
from orders.models import Message, Order
from payments.chargebacks import answering
from payments.errors import AnswerRefused
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Case, Chargeback, EvidencePack, Operation
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.test_chargebacks import ended, heard, taken
from tests.orders.test_disputes import photo, refused
from tests.orders.world import World, broken, delivered_order, paid_order

pytestmark = pytest.mark.django_db
State = Chargeback.State


def answer(client: Client, chargeback: Chargeback, **data: Any) -> str:
    path = f"/admin/payments/chargeback/{chargeback.pk}/answer/"
    page = client.post(path, data, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def talked(world: World, double: StripeDouble) -> Order:
    """Delivered, after both sides have written, with a picture and in two scripts."""
    order = delivered_order(world, double)
    shots = messages.develop([photo()])
    messages.send(order.number, role=Message.Role.BUYER, by=world.bob, text="Ist es angekommen? 🧣", shots=shots)
    messages.send(order.number, role=Message.Role.SELLER, by=world.alice, text="हाँ, कल भेज दिया।")
    return order


def at_stripe(double: StripeDouble) -> dict[str, Any]:
    [dispute] = double.disputes()
    return dispute


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_from_the_webhook_to_the_end(outcome: str, world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = talked(world, stripe_double)
    chargeback = taken(order, stripe_double, reason="product_not_received")
    staff = logged_in(admin)
    queue = staff.get("/admin/payments/chargeback/").content.decode()
    assert chargeback.processor_ref in queue
    assert order.number in queue
    assert Letter.objects.filter(key__startswith="answer_bank", to=admin.email).count() == 1
    assert (
        "The bank of the buyer asks for" in logged_in(world.alice).get(f"/sell/orders/{order.number}/").content.decode()
    )

    seen = logged_in(world.alice).get(f"/sell/orders/{order.number}/").content.decode()
    assert "Reason: nothing arrived." in seen
    assert "The bank takes our answer until" in seen
    assert "Look at it before you send it" in answer(staff, chargeback, do="prepare")
    pack = EvidencePack.objects.get()
    assert (pack.made_by, pack.sent_at) == (admin, None)
    paper = staff.get(f"/admin/payments/chargeback/{chargeback.pk}/evidence/{pack.pk}.pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert stripe_double.disputes()[0]["evidence_details"]["submission_count"] == 0

    assert "From now on the bank decides" in answer(staff, chargeback, do="send", pack=str(pack.pk))
    work.drain_operations()
    heard(stripe_double)
    chargeback.refresh_from_db()
    pack.refresh_from_db()
    assert (chargeback.state, pack.sent_by, pack.refused) == ("submitted", admin, "")
    told = at_stripe(stripe_double)
    assert (told["status"], told["evidence_details"]["submission_count"]) == ("under_review", 1)
    assert told["evidence"]["customer_name"] == "Bob Becker"
    assert told["evidence"]["shipping_tracking_number"] == "EE123456785IN"
    assert told["evidence"]["shipping_carrier"] == "India Post"
    assert "Indigo and madder scarf" in told["evidence"]["product_description"]
    assert "Terms, version" in told["evidence"]["refund_policy_disclosure"]
    file = stripe_double.double.store.get("file", told["evidence"]["uncategorized_file"])
    assert (file["purpose"], file["type"], file["size"]) == ("dispute_evidence", "pdf", len(paper.content))
    assert broken() == []

    ended(chargeback, stripe_double, outcome)
    order.refresh_from_db()
    assert order.status == ("delivered" if outcome == "won" else "refunded")
    assert balance(codes.disputed("stripe", "EUR")) == Money(0, "EUR")
    assert balance(codes.hold(order.number, "INR")) == order.held
    assert broken() == []
    assert "it takes no answer" in answer(staff, chargeback, do="prepare")


def test_an_inquiry_is_answered_as_well(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = talked(world, stripe_double)
    chargeback = taken(order, stripe_double, inquiry=True)
    answering.send(prepare(chargeback.pk, by=admin).pk, by=admin)
    work.drain_operations()
    chargeback.refresh_from_db()
    assert (chargeback.kind, chargeback.state) == ("inquiry", "submitted")
    chargeback = ended(chargeback, stripe_double, "escalated")
    assert (chargeback.kind, chargeback.state) == ("chargeback", "opened")
    answering.send(prepare(chargeback.pk, by=admin).pk, by=admin)
    work.drain_operations()
    chargeback.refresh_from_db()
    assert (chargeback.state, EvidencePack.objects.count()) == ("submitted", 2)
    assert broken() == []


def test_nobody_answers_so_it_goes_by_itself_a_day_before(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    chargeback = taken(talked(world, stripe_double), stripe_double)
    assert work.answer_banks() == 0
    with shifted(days=4, hours=1):
        work.answer_banks()
        work.answer_banks()
        assert Letter.objects.filter(key__contains=":again:", to=admin.email).count() == 1
        assert not EvidencePack.objects.exists()
    with shifted(days=6, minutes=5):
        work.answer_banks()
        work.answer_banks()
        work.drain_operations()
        pack = EvidencePack.objects.get()
        assert (pack.made_by, pack.sent_by, pack.refused) == (None, None, "")
    chargeback.refresh_from_db()
    assert chargeback.state == "submitted"
    assert at_stripe(stripe_double)["evidence_details"]["submission_count"] == 1


def test_accepted_is_lost_and_says_who_and_why(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = paid_order(world, stripe_double)
    chargeback = taken(order, stripe_double)
    staff = logged_in(admin)
    assert "This field is required" in answer(staff, chargeback, do="accept", why="")
    assert "Accepted. The bank is told." in answer(staff, chargeback, do="accept", why="Never shipped.")
    with pytest.raises(AnswerRefused, match="on its way"):
        prepare(chargeback.pk, by=admin)
    work.drain_operations()
    heard(stripe_double)
    chargeback.refresh_from_db()
    order.refresh_from_db()
    assert (chargeback.state, chargeback.accepted_by, chargeback.accepted_why) == ("accepted", admin, "Never shipped.")
    assert (order.status, at_stripe(stripe_double)["status"]) == ("refunded", "lost")
    assert broken() == []


def test_an_inquiry_is_not_accepted_but_refunded(world: World, stripe_double: StripeDouble, admin: User) -> None:
    chargeback = taken(paid_order(world, stripe_double), stripe_double, inquiry=True)
    assert "refund the order, and it ends" in answer(logged_in(admin), chargeback, do="accept", why="Give in.")
    assert not Operation.objects.filter(kind="concede").exists()


@pytest.mark.parametrize("kind", ["drop", "half", "error_after", "error"])
@pytest.mark.parametrize("path", ["/v1/files", "/v1/disputes"])
def test_a_lost_reply_is_looked_up_and_nothing_is_sent_twice(
    kind: str, path: str, world: World, stripe_double: StripeDouble, admin: User
) -> None:
    chargeback = taken(talked(world, stripe_double), stripe_double)
    pack = answering.send(prepare(chargeback.pk, by=admin).pk, by=admin)
    stripe_double.fault(kind, path=path, times=3 if kind == "drop" else 1)  # the SDK tries twice more
    work.drain_operations()
    with shifted(minutes=5):
        work.drain_operations()
    chargeback.refresh_from_db()
    pack.refresh_from_db()
    operation = Operation.objects.get(kind="evidence")
    assert (operation.state, chargeback.state, pack.refused) == ("done", "submitted", "")
    told = at_stripe(stripe_double)
    assert (told["evidence_details"]["submission_count"], told["metadata"]) == (1, {"key": pack.key})
    assert stripe_double.double.store.get("file", told["evidence"]["uncategorized_file"])["type"] == "pdf"


def test_what_stripe_refuses_can_be_answered_again(world: World, stripe_double: StripeDouble, admin: User) -> None:
    chargeback = taken(talked(world, stripe_double), stripe_double)
    draft = prepare(chargeback.pk, by=admin)
    stripe_double.double.store.get("dispute", chargeback.processor_ref)
    with shifted(days=8):
        answering.send(draft.pk, by=admin)
        past(stripe_double, chargeback)
        work.drain_operations()
    draft.refresh_from_db()
    assert "deadline for evidence has passed" in draft.refused
    assert Case.objects.filter(kind="refused", ref=draft.key, closed_at=None).count() == 1
    assert answering.under_way(chargeback) is None
    prepare(chargeback.pk, by=admin)
    assert EvidencePack.objects.filter(sent_at=None).count() == 1


def past(double: StripeDouble, chargeback: Chargeback) -> None:
    """Stripe's own clock is past the deadline."""
    with double.double.store.lock:
        dispute = double.double.store.get("dispute", chargeback.processor_ref)
        dispute["evidence_details"]["due_by"] = 1
        double.double.store.put("dispute", dispute)
        double.double.store.commit()


def test_what_was_sent_stays_until_the_person_is_erased(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = talked(world, stripe_double)
    chargeback = taken(order, stripe_double)
    pack = answering.send(prepare(chargeback.pk, by=admin).pk, by=admin)
    work.drain_operations()
    for change in (
        "update payments_evidencepack set pdf = 'other'",
        "update payments_evidencepack set pdf = '', facts = '{}'",  # the bank still reads it
        "update payments_evidencepack set sent_by_id = null",
        "delete from payments_evidencepack",
    ):
        assert refused(change), change
    ended(chargeback, stripe_double, "lost")
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS + 1):
        assert work.erase_old() == 1
    kept = EvidencePack.objects.get()
    assert (bytes(kept.pdf), kept.facts, kept.sha256, kept.sent_by) == (b"", {}, pack.sha256, admin)
    path = f"/admin/payments/chargeback/{chargeback.pk}/evidence/{pack.pk}.pdf"
    assert logged_in(admin).get(path).status_code == 404
    assert broken() == []


def test_a_newer_draft_takes_the_place_of_the_older(world: World, stripe_double: StripeDouble, admin: User) -> None:
    chargeback = taken(talked(world, stripe_double), stripe_double)
    first = prepare(chargeback.pk, by=admin)
    second = prepare(chargeback.pk, by=admin)
    assert "There is a newer draft" in answer(logged_in(admin), chargeback, do="send", pack=str(first.pk))
    assert list(EvidencePack.objects.all()) == [second]
    assert not Operation.objects.filter(kind="evidence").exists()


def test_the_moderator_looks_and_does_not_answer(world: World, stripe_double: StripeDouble, admin: User) -> None:
    chargeback = taken(talked(world, stripe_double), stripe_double)
    pack = prepare(chargeback.pk, by=admin)
    path = f"/admin/payments/chargeback/{chargeback.pk}/answer/"
    make_roles()
    world.moderator.groups.set([Group.objects.get(name="moderator")])
    looks = logged_in(world.moderator)
    assert "Send this to the bank" not in looks.get(path).content.decode()
    assert looks.post(path, {"do": "send", "pack": str(pack.pk)}).status_code == 403
    assert logged_in(world.alice).get(path).status_code == 403
    paper = f"/admin/payments/chargeback/{chargeback.pk}/evidence/{pack.pk}.pdf"
    assert logged_in(world.bob).get(paper).status_code == 403
    assert Client().get(paper).status_code == 302


def test_the_same_facts_make_the_same_paper(world: World, stripe_double: StripeDouble) -> None:
    from orders.evidence.document import write
    from orders.evidence.dossier import gather

    chargeback = taken(talked(world, stripe_double), stripe_double)
    dossier, as_of = gather(chargeback), now() - dt.timedelta(minutes=1)
    assert dossier is not None
    assert write(dossier, as_of=as_of) == write(dossier, as_of=as_of)


def test_a_long_case_with_many_pictures_fits(world: World, stripe_double: StripeDouble) -> None:
    from orders.evidence.document import MOST_BYTES, MOST_PAGES, write
    from orders.evidence.dossier import gather

    order = delivered_order(world, stripe_double)
    shots = messages.develop([photo(size=(1600, 1200))]) * 5
    for number in range(30):
        messages.send(
            order.number, role=Message.Role.BUYER, by=world.bob, text=f"{number} " + "long " * 300, shots=shots
        )
    dossier = gather(taken(order, stripe_double))
    assert dossier is not None
    written = write(dossier, as_of=now())
    assert len(written.pdf) <= MOST_BYTES
    assert written.pages <= MOST_PAGES


def test_orders_that_were_never_ours_are_answered_elsewhere(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    order = paid_order(world, stripe_double)
    chargeback = taken(order, stripe_double)
    Order.objects.filter(pk=order.pk).update(paid_at=None)
    with pytest.raises(AnswerRefused, match="about no order of ours"):
        prepare(chargeback.pk, by=admin)
    assert not EvidencePack.objects.exists()
