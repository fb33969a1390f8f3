"""Lines about the operator's own income: it left, and its id on the line says which withdrawal it was."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from marketplace.models import User
from payments.drawings import record_drawing
from payments.ledger.posting import posted
from payments.models import BankLine, Drawing

State = Drawing.State


def ids_in(texts: Iterable[str]) -> set[uuid.UUID]:
    """Every word that is an id as we write it on a page."""
    return {found for text in texts for word in text.split() if (found := _id(word))}


def _id(word: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(word)
    except ValueError:
        return None


def drawing_of(texts: Iterable[str], currency: str) -> Drawing | None:
    return Drawing.objects.filter(pk__in=ids_in(texts), currency=currency).order_by("pk").first()


def left(stored: BankLine, drawing: Drawing, *, by: User) -> int | str:
    """Its journal, made by this line unless a person said before that it left; else why it cannot be that.

    PayoutRefused when `by` approved it.
    """
    key = f"drawing:{drawing.pk}:taken"
    journal = posted(key)
    if stored.amount != -drawing.amount or _claimed(journal, stored.currency):
        return _contradiction(drawing)
    if drawing.state == State.APPROVED:
        record_drawing(drawing, bank_reference=_reference(stored), by=by)
        journal = posted(key)
    return journal or _contradiction(drawing)


def _claimed(journal: int | None, currency: str) -> bool:
    return journal is not None and BankLine.objects.filter(journal=journal, currency=currency).exists()


def _reference(stored: BankLine) -> str:
    """The bank's own when it is one of a kind; else the line's place."""
    if stored.reference and not Drawing.objects.filter(bank_reference=stored.reference).exists():
        return stored.reference
    return f"{stored.message.message_id}/{stored.number}"


def _contradiction(drawing: Drawing) -> str:
    return _("The withdrawal of own income %(id)s of %(amount)s is %(state)s.") % {
        "id": drawing.pk.hex,
        "amount": drawing.amount,
        "state": drawing.get_state_display(),
    }
