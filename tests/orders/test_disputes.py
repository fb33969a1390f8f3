"""A dispute as people live it, over HTTP: pictures, messages, an offer, silence; and what only its people may see."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from PIL import Image

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.disputes import life as disputing
from orders.disputes import messages
from orders.errors import OrderRefused
from orders.models import Dispute, DisputeOffer, Message, MessagePicture, Order
from payments.ledger import codes
from payments.ledger.balances import balance
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order, disputed_order, paid_order

pytestmark = pytest.mark.django_db


def photo(name: str = "torn.jpg", size: tuple[int, int] = (800, 600)) -> SimpleUploadedFile:
    """A photograph that tells where it was taken."""
    out, picture = io.BytesIO(), Image.new("RGB", size, "teal")
    exif = picture.getexif()
    exif[0x010E] = "canary-where-it-was-taken"
    picture.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def post(client: Client, path: str, **data: Any) -> str:
    """Post a form and follow: the words of the page."""
    answer = client.post(path, data, follow=True)
    assert answer.status_code == 200, path
    return answer.content.decode()


def complain(bob: Client, order: Order, *pictures: SimpleUploadedFile) -> str:
    fields = {"kind": "damaged", "reason": "It is torn at the hem.", "pictures": list(pictures)}
    return post(bob, f"/orders/{order.number}/dispute/", **fields)


def test_pictures_an_offer_and_a_split_without_a_moderator(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    bob, alice = logged_in(world.bob), logged_in(world.alice)
    page = complain(bob, order, photo(), photo())
    assert "It is torn at the hem." in page
    assert "Damaged" in page
    assert Dispute.objects.get().kind == "damaged"
    page = post(alice, f"/sell/orders/{order.number}/answer/", answer="It left whole.", pictures=[photo()])
    assert page.count(f"/sell/orders/{order.number}/pictures/") == 6  # three pictures, each with its link
    post(bob, f"/orders/{order.number}/case/message/", text="See the second one.")
    page = post(alice, f"/sell/orders/{order.number}/case/offer/", amount="500", text="Keep it for less?")
    assert "Offered." in page
    offer = DisputeOffer.objects.get()
    page = bob.get(f"/orders/{order.number}/").content.decode()
    assert "The seller offers" in page
    assert f'name="offer" value="{offer.pk}"' in page
    page = post(bob, f"/orders/{order.number}/case/accept/", offer=offer.pk)
    assert "Agreed." in page
    work.drain_operations()
    order.refresh_from_db()
    assert (order.status, order.refunded) == ("split", Money(50_000, "INR"))
    dispute = Dispute.objects.get()
    assert (dispute.outcome, dispute.decided_by) == ("split", world.bob)
    assert [message.text for message in messages.of_order(order)] == [
        "It is torn at the hem.",
        "It left whole.",
        "See the second one.",
        "Keep it for less?",
    ]
    assert balance(codes.seller(world.alice.pk, "INR")) == order.net
    told = {key.split(":")[0] for key in Letter.objects.values_list("key", flat=True)}
    assert {"order_message", "dispute_offer", "dispute_decided"} <= told
    assert broken() == []


def test_all_of_it_offered_and_accepted_is_for_the_buyer(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    offer = disputing.offer(order.number, by=world.alice, back=None)
    disputing.answer_offer(order.number, by=world.bob, offer_id=offer.pk, accepted=True)
    order.refresh_from_db()
    assert (order.status, Dispute.objects.get().outcome) == ("refunded", "buyer")


def test_silence_is_for_the_buyer_and_the_letter_says_why(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order)
    with shifted(days=5, seconds=1):
        work.meet_deadlines()
    order.refresh_from_db()
    assert (order.status, Dispute.objects.get().outcome) == ("refunded", "buyer")
    decided = Letter.objects.filter(key__startswith="dispute_decided")
    assert decided.count() == 2
    assert all("Nobody answered in time." in letter.body for letter in decided)


def test_a_declined_offer_is_gone_and_another_replaces_one(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    first = disputing.offer(order.number, by=world.alice, back=Money(10_000, "INR"))
    second = disputing.offer(order.number, by=world.alice, back=Money(20_000, "INR"))
    with pytest.raises(OrderRefused, match="does not stand"):
        disputing.answer_offer(order.number, by=world.bob, offer_id=first.pk, accepted=True)
    disputing.answer_offer(order.number, by=world.bob, offer_id=second.pk, accepted=False)
    with pytest.raises(OrderRefused, match="does not stand"):
        disputing.answer_offer(order.number, by=world.bob, offer_id=second.pk, accepted=True)
    order.refresh_from_db()
    assert (order.status, order.refunded) == ("disputed", Money(0, "INR"))


@pytest.mark.parametrize("amount", ["0", "-5", "2591", "abc", ""])
def test_an_offer_is_of_what_is_held(amount: str, world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    post(logged_in(world.alice), f"/sell/orders/{order.number}/case/offer/", amount=amount)
    assert not DisputeOffer.objects.exists()


def test_the_guest_has_it_all_with_the_token(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    path = f"/o/{order.checkout.token}/{order.number}/"
    guest = Client()
    page = post(guest, f"{path}dispute/", kind="never_arrived", reason="Nothing came.", pictures=[photo()])
    picture = MessagePicture.objects.get()
    assert f"{path}pictures/{picture.pk}/" in page
    assert guest.get(f"{path}pictures/{picture.pk}/")["Content-Type"] == "image/webp"
    assert "Still nothing." in post(guest, f"{path}case/message/", text="Still nothing.")
    disputing.offer(order.number, by=world.alice, back=Money(10_000, "INR"))
    post(guest, f"{path}case/accept/", offer=DisputeOffer.objects.get().pk)
    assert Dispute.objects.get().outcome == "split"


def test_pictures_are_for_the_people_of_the_case_alone(
    world: World, stripe_double: StripeDouble, charlie: User
) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order, photo())
    picture = MessagePicture.objects.get()
    other = paid_order(world, stripe_double)
    mine, sold = f"/orders/{order.number}/pictures/{picture.pk}/", f"/sell/orders/{order.number}/pictures/{picture.pk}/"
    assert logged_in(world.bob).get(mine).status_code == 200
    assert logged_in(world.alice).get(sold).status_code == 200
    for client, path in [
        (logged_in(charlie), mine),
        (logged_in(charlie), sold),
        (logged_in(world.carmen), sold),
        (logged_in(world.alice), mine),
        (logged_in(world.bob), sold),
        (logged_in(world.bob), f"/orders/{other.number}/pictures/{picture.pk}/"),
        (Client(), f"/o/{other.checkout.token}/{order.number}/pictures/{picture.pk}/"),
        (Client(), f"/o/{other.checkout.token}/{other.number}/pictures/{picture.pk}/"),
    ]:
        assert client.get(path).status_code == 404, path
    assert Client().get(mine).status_code == 302
    assert Client().get(f"/media/{picture.pk}").status_code == 404


def test_a_picture_is_ours_without_what_the_camera_knew(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order, photo(size=(3000, 2000)))
    answer = logged_in(world.bob).get(f"/orders/{order.number}/pictures/{MessagePicture.objects.get().pk}/")
    assert b"canary" not in answer.content
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1200, 800))
        assert not picture.getexif()


def test_what_is_no_picture_or_one_too_many_opens_nothing(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    bob = logged_in(world.bob)
    assert "no picture that we can read" in complain(bob, order, SimpleUploadedFile("a.jpg", b"GIF89a", "image/jpeg"))
    assert "At most 5 pictures" in complain(bob, order, *(photo() for _ in range(6)))
    order.refresh_from_db()
    assert (order.status, Message.objects.count()) == ("delivered", 0)


def test_what_was_said_stays_and_a_decided_case_takes_nothing_more(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order, photo())
    said = Message.objects.get()
    changes = [
        "update orders_message set text = 'something else'",
        "delete from orders_messagepicture",
        "update orders_messagepicture set position = 3",
        "delete from orders_message",
        "update orders_dispute set reason = 'something else'",
        "delete from orders_dispute",
        "update orders_disputeoffer set back_minor = 1",
        "delete from orders_disputeoffer",
    ]
    disputing.offer(order.number, by=world.alice, back=Money(10_000, "INR"))
    for change in changes:
        assert refused(change), change
    services.decide_dispute(order.number, outcome="seller", by=world.moderator, reason="The photographs.")
    late = f"insert into orders_message (thread_id, dispute_id, role, text, at) values ({said.thread_id},"
    assert refused(f"{late} {said.dispute_id}, 'buyer', 'One thing more', now())")
    assert refused("update orders_dispute set outcome = 'buyer'")
    assert refused("update orders_dispute set answer = 'said too late'")
    assert refused("update orders_dispute set reason = '', answer = '', decision_reason = ''")  # nobody is erased yet
    assert refused("update orders_disputeoffer set accepted = true")
    post(logged_in(world.bob), f"/orders/{order.number}/case/message/", text="Thank you all the same.")
    assert Message.objects.get(text__startswith="Thank").dispute is None


def test_after_the_years_the_words_and_pictures_go_and_the_decision_stays(
    world: World, stripe_double: StripeDouble
) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order, photo())
    picture = MessagePicture.objects.get()
    disputing.offer(order.number, by=world.alice, back=None, text="All of it, and sorry.")
    disputing.answer_offer(order.number, by=world.bob, offer_id=DisputeOffer.objects.get().pk, accepted=True)
    work.drain_operations()
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS + 1):
        assert work.erase_old() == 1
        path = f"/orders/{order.number}/pictures/{picture.pk}/"
        assert logged_in(world.bob).get(path).status_code == 404
    dispute = Dispute.objects.get()
    assert (dispute.reason, dispute.answer, dispute.decision_reason) == ("", "", "")
    assert (dispute.outcome, dispute.decided_by) == ("buyer", world.bob)
    assert not Message.objects.exists()
    assert not MessagePicture.objects.exists()
    assert DisputeOffer.objects.get().accepted
    assert refused("update orders_dispute set outcome = 'seller', reason = '', answer = '', decision_reason = ''")
    assert broken() == []


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


def test_the_moderator_sees_the_pictures_and_what_each_would_get(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    order = delivered_order(world, stripe_double)
    complain(logged_in(world.bob), order, photo())
    dispute, staff = Dispute.objects.get(), logged_in(admin)
    path = f"/admin/orders/dispute/{dispute.pk}/"
    page = staff.get(f"{path}decide/").content.decode()
    assert f"{path}pictures/{MessagePicture.objects.get().pk}/" in page
    assert staff.get(f"{path}pictures/{MessagePicture.objects.get().pk}/").status_code == 200
    choice = {"outcome": "split", "back": "500", "reason": "A small hole."}
    shown = staff.post(f"{path}decide/", {**choice, "preview": "1"}).content.decode()
    assert "would be paid to the seller" in shown
    assert "2,090" in shown  # of 2,590 that are held
    assert Dispute.objects.get().decided_at is None
    for wrong in ({"outcome": "split", "reason": "x"}, {"outcome": "buyer", "back": "5", "reason": "x"}):
        assert "for both only" in staff.post(f"{path}decide/", wrong).content.decode()
    staff.post(f"{path}decide/", choice)
    order.refresh_from_db()
    assert (order.status, order.refunded) == ("split", Money(50_000, "INR"))
    assert broken() == []
