"""Our answer to a buyer's bank: a draft that people look at, sent once; or our word that we accept what it took.

Rows only: the calls are operations, and what the processor then says moves the chargeback (payments.chargebacks.news).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.calls.outbox import enqueue
from payments.errors import AnswerRefused
from payments.models import Chargeback, EvidencePack, Operation
from payments.processors import registry
from payments.processors.base import Can

Kind, State = Chargeback.Kind, Chargeback.State
UNDER_WAY = (Operation.State.READY, Operation.State.RUNNING, Operation.State.UNKNOWN, Operation.State.DEAD)


@transaction.atomic
def draft(
    chargeback_id: uuid.UUID, *, by: User | None, pdf: bytes, pages: int, facts: Mapping[str, str]
) -> EvidencePack:
    """Keep this as the answer that would be sent. It takes the place of an earlier draft."""
    chargeback = _answerable(chargeback_id)
    EvidencePack.objects.filter(chargeback=chargeback, sent_at=None).delete()
    return EvidencePack.objects.create(
        chargeback=chargeback,
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        pages=pages,
        facts=dict(facts),
        made_by=by,
    )


@transaction.atomic
def send(pack_id: uuid.UUID, *, by: User | None) -> EvidencePack:
    """Send a draft as it is. The bank takes one answer: what was sent cannot be added to."""
    chargeback_id = EvidencePack.objects.values_list("chargeback_id", flat=True).filter(pk=pack_id).first()
    if chargeback_id is None:
        raise AnswerRefused(_("There is a newer draft. Look at that one first."))
    chargeback = _answerable(chargeback_id)
    pack = EvidencePack.objects.select_for_update().filter(pk=pack_id, sent_at=None).first()
    if pack is None:
        raise AnswerRefused(_("There is a newer draft. Look at that one first."))
    pack.sent_at, pack.sent_by = now(), by
    pack.save(update_fields=["sent_at", "sent_by"])
    enqueue(Operation.Kind.EVIDENCE, processor=chargeback.processor, key=pack.key, subject=pack.pk)
    return pack


@transaction.atomic
def accept(chargeback_id: uuid.UUID, *, by: User, why: str) -> Chargeback:
    """Say that we accept it: it is lost then, whatever we could have said."""
    chargeback = _answerable(chargeback_id)
    if chargeback.kind == Kind.INQUIRY:
        raise AnswerRefused(_("An inquiry is not accepted: refund the order, and it ends."))
    if not why.strip():
        raise AnswerRefused(_("Say why."))
    chargeback.accepted_by, chargeback.accepted_why = by, why.strip()[:2000]
    chargeback.save(update_fields=["accepted_by", "accepted_why"])
    tries = Operation.objects.filter(kind=Operation.Kind.CONCEDE, subject=chargeback.pk).count()
    key = f"concede:{chargeback.pk}:{tries + 1}"
    enqueue(Operation.Kind.CONCEDE, processor=chargeback.processor, key=key, subject=chargeback.pk)
    return chargeback


def refused(operation: Operation, message: str) -> None:
    """The processor surely has neither our evidence nor our word: people may answer again."""
    if operation.kind == Operation.Kind.EVIDENCE:
        EvidencePack.objects.filter(pk=operation.subject).update(refused=message[:2000] or "refused")
    else:
        Chargeback.objects.filter(pk=operation.subject).update(accepted_by=None, accepted_why="")


def under_way(chargeback: Chargeback) -> Operation | None:
    """The answer that is on its way, or whose outcome is not known."""
    packs = chargeback.packs.values("pk")
    calls = Operation.objects.filter(kind__in=(Operation.Kind.EVIDENCE, Operation.Kind.CONCEDE), state__in=UNDER_WAY)
    return (calls.filter(subject__in=packs) | calls.filter(subject=chargeback.pk)).first()


def waiting() -> QuerySet[Chargeback]:
    """What still needs an answer, the most urgent first."""
    return Chargeback.objects.filter(state=State.OPENED).order_by("due_at", "opened_at")


def can_send(chargeback: Chargeback) -> bool:
    """Whether the processor takes an answer from us at all."""
    return Can.EVIDENCE in registry.can(chargeback.processor)


def _answerable(chargeback_id: uuid.UUID) -> Chargeback:
    """The chargeback, locked, while it takes an answer; AnswerRefused says why it does not."""
    chargeback = Chargeback.objects.select_for_update().get(pk=chargeback_id)
    if chargeback.state != State.OPENED:
        message = _("%(ref)s is “%(state)s”: it takes no answer.")
        raise AnswerRefused(message % {"ref": chargeback.processor_ref, "state": chargeback.get_state_display()})
    if not can_send(chargeback):
        message = _("%(processor)s takes no answer from us. Give it on its own pages.")
        raise AnswerRefused(message % {"processor": chargeback.processor})
    if (call := under_way(chargeback)) is not None:
        message = _("An answer is on its way: %(what)s, %(state)s.")
        raise AnswerRefused(message % {"what": call.get_kind_display(), "state": call.get_state_display()})
    return chargeback


def forget(payment_id: uuid.UUID) -> None:
    """Take the documents out when the person is erased from the order; their digests and who sent them stay."""
    packs = EvidencePack.objects.filter(chargeback__payment=payment_id).exclude(chargeback__settled_at=None)
    packs.update(pdf=b"", facts={})
