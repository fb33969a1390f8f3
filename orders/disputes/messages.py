"""Messages about an order: kept as they were said, with pictures of our own encoding that no public address shows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from listings import photos
from marketplace.models import User
from orders import letters
from orders.errors import OrderRefused
from orders.models import Dispute, Message, MessagePicture, Order, Thread

Role = Message.Role
PICTURES_MAX = 5  # of one message
MESSAGES_MAX = 200  # of one thread: a conversation, no archive


@dataclass(frozen=True, slots=True)
class Shot:
    """An upload that has become our own WebP: no metadata, at most 1200 wide."""

    width: int
    height: int
    webp: bytes


def develop(uploads: Sequence[IO[bytes]]) -> list[Shot]:
    """The pictures in `uploads`; OrderRefused says why not. Takes a moment each: call it before any lock."""
    if len(uploads) > PICTURES_MAX:
        raise OrderRefused(_("At most %(most)d pictures in one message.") % {"most": PICTURES_MAX})
    try:
        pictures = [photos.encode(upload) for upload in uploads]
    except photos.PhotoRefused as error:
        raise OrderRefused(str(error)) from None
    return [Shot(one.width, one.height, one.files[max(one.files)]) for one in pictures]


@transaction.atomic
def send(number: str, *, role: Message.Role, by: User | None, text: str, shots: Sequence[Shot] = ()) -> Message:
    """Say something about a paid order. While a dispute is open it belongs to the case; the other side is told."""
    order = Order.objects.locked(number)
    if order.paid_at is None:
        raise OrderRefused(_("There is nobody to write to before the order is paid."))
    said = say(order, role=role, by=by, text=text, shots=shots)
    letters.said(order, said)
    return said


def say(
    order: Order,
    *,
    role: Message.Role,
    by: User | None,
    text: str,
    shots: Sequence[Shot] = (),
    case: Dispute | None = None,
) -> Message:
    """Add to the thread of a locked order, and to its open case if there is one."""
    if not text.strip():
        raise OrderRefused(_("Write something; pictures alone do not say what they show."))
    thread, _made = Thread.objects.get_or_create(order=order)
    if thread.messages.count() >= MESSAGES_MAX:
        raise OrderRefused(_("This conversation is full: it has %(most)d messages.") % {"most": MESSAGES_MAX})
    case = case or Dispute.objects.filter(order=order, decided_at=None).first()
    said = Message.objects.create(thread=thread, dispute=case, role=role, by=by, text=text.strip()[:2000])
    MessagePicture.objects.bulk_create(
        MessagePicture(message=said, position=position, width=shot.width, height=shot.height, webp=shot.webp)
        for position, shot in enumerate(shots)
    )
    return said


def of_order(order: Order) -> list[Message]:
    """All that was said, oldest first; the pictures without their bytes."""
    light = Prefetch("pictures", MessagePicture.objects.defer("webp"))
    return list(Message.objects.filter(thread__order=order).prefetch_related(light).order_by("pk"))


def picture(order: Order, pk: uuid.UUID) -> MessagePicture | None:
    """A picture of this order's conversation; of any other none."""
    return MessagePicture.objects.filter(pk=pk, message__thread__order=order).first()


def forget(order: Order) -> None:
    """Take out what was said, when the person is erased from the order: the database allows it then only."""
    MessagePicture.objects.filter(message__thread__order=order).delete()
    Message.objects.filter(thread__order=order).delete()
    Dispute.objects.filter(order=order).update(reason="", answer="", decision_reason="")
