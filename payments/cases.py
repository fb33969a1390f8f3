"""The queue of things that only a person can settle."""

from __future__ import annotations

from django.db import transaction

from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import CaseClosed
from payments.models import Case


def open_case(kind: Case.Kind, *, processor: str, ref: str, **detail: str | int | None) -> Case:
    """The open case of this kind about `ref`, made when there is none. Harmless when repeated."""
    case, _made = Case.objects.get_or_create(
        kind=kind, processor=processor, ref=ref[:200], closed_at=None, defaults={"detail": detail}
    )
    return case


def outrun(kind: Case.Kind, *, processor: str, ref: str, note: str) -> None:
    """What happened meanwhile has settled the open case of this kind about `ref`, if there is one."""
    mine = Case.objects.filter(kind=kind, processor=processor, ref=ref[:200], closed_at=None)
    mine.update(closed_at=now(), note=note)


@transaction.atomic
def close_case(case: Case, *, by: User, note: str) -> Case:
    """Say what was done about it. CaseClosed when it is closed already."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    if case.closed_at is not None:
        raise CaseClosed(f"{case.closed_by} closed this case already: {case.note}")
    case.closed_at, case.closed_by, case.note = now(), by, note.strip()
    case.save(update_fields=["closed_at", "closed_by", "note"])
    return case
