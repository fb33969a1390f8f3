"""Answering a buyer's bank: by a person who has looked at the paper, or by itself a day before it is too late."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils.translation import gettext as _
from django.utils.translation import override

from marketplace.lib.clock import now
from marketplace.models import User
from orders import letters
from orders.evidence.document import write
from orders.evidence.dossier import gather
from orders.evidence.form import answers
from orders.evidence.people import who_answers
from payments.chargebacks import answering
from payments.errors import AnswerRefused
from payments.models import Chargeback, EvidencePack

REMIND = dt.timedelta(days=3)  # before the bank's deadline, staff is told again
BY_ITSELF = dt.timedelta(days=1)  # before it, what we know is sent


def prepare(chargeback_id: uuid.UUID, *, by: User | None) -> EvidencePack:
    """Write down what is known now, as the draft of our answer. It takes seconds: never call it in a transaction."""
    chargeback = Chargeback.objects.select_related("payment").get(pk=chargeback_id)
    with override("en"):
        dossier = gather(chargeback)
        if dossier is None:
            message = _("%(ref)s is about no order of ours. Answer it on the processor's own pages.")
            raise AnswerRefused(message % {"ref": chargeback.processor_ref})
        written, facts = write(dossier, as_of=now()), answers(dossier)
    return answering.draft(chargeback_id, by=by, pdf=written.pdf, pages=written.pages, facts=facts)


def due(limit: int = 50) -> list[uuid.UUID]:
    """Ids of what still needs an answer and is near its deadline, the most urgent first."""
    soon = answering.waiting().filter(due_at__gt=now(), due_at__lte=now() + REMIND)
    return list(soon.values_list("pk", flat=True)[:limit])


def meet(chargeback_id: uuid.UUID) -> None:
    """Remind staff; a day before the deadline send what we know. Harmless when repeated."""
    chargeback = Chargeback.objects.select_related("payment").get(pk=chargeback_id)
    if chargeback.state != Chargeback.State.OPENED or chargeback.due_at is None:
        return
    if chargeback.due_at - now() > BY_ITSELF:
        letters.staff_answers_bank(chargeback, who_answers(), again=True)
    elif answering.can_send(chargeback) and answering.under_way(chargeback) is None and not _refused(chargeback):
        answering.send(prepare(chargeback_id, by=None).pk, by=None)


def _refused(chargeback: Chargeback) -> bool:
    """The processor would not have what was sent by itself: the same again helps nobody, a person has to look."""
    return chargeback.packs.filter(sent_by=None, sent_at__isnull=False).exclude(refused="").exists()
