"""A file of the bank is stored once and used at once; when something in it is refused, nothing of it is used."""

from __future__ import annotations

import hashlib

from django.db import connection, transaction
from django.utils.translation import gettext as _

from marketplace.models import User
from payments.bankin import reports, statements
from payments.iso20022 import BadFile, Report, read
from payments.models import BankMessage

ONE_AT_A_TIME = "lock table payments_bankmessage in share row exclusive mode"


def receive_message(body: bytes, *, by: User) -> tuple[BankMessage, bool]:
    """The message and whether it is new; the same file again changes nothing.

    BadFile when it is not what a bank sends us, PayoutRefused when `by` approved a payout that it decides about.
    """
    read_one = read(body)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_AT_A_TIME)
        digest = hashlib.sha256(body).hexdigest()
        known = BankMessage.objects.filter(sha256=digest).first()
        if known is not None:
            return known, False
        message = _stored(read_one.kind, read_one.message_id, digest, body, by)
        if isinstance(read_one, Report):
            reports.use(message, read_one, by=by)
        else:
            statements.use(message, read_one, by=by)
        return message, True


def _stored(kind: str, message_id: str, digest: str, body: bytes, by: User) -> BankMessage:
    known = BankMessage.objects.filter(kind=kind, message_id=message_id).first()
    if known is not None:
        raise BadFile(
            _("Message %(id)s came on %(at)s with another content. Ask the bank which one holds.")
            % {"id": message_id, "at": known.at.date().isoformat()}
        )
    if len(message_id) > 35:
        raise BadFile(_("A message's id has at most 35 characters, not %(id)s.") % {"id": message_id[:60]})
    xml = body.decode("utf-8-sig")
    return BankMessage.objects.create(kind=kind, message_id=message_id, sha256=digest, xml=xml, uploaded_by=by)
