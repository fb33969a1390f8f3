"""One switch that stops payouts: set by the audit or a person, lifted by a person with a reason (decision 0031)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import AuditRun, Freeze


@transaction.atomic
def freeze(*, reason: str, by: User | None = None) -> Freeze:
    """Stop payouts. `by` is none for the audit.

    Harmless when they are frozen: the first reason stays, another one is written below it.
    """
    reason = _said(reason)
    row, made = Freeze.objects.select_for_update(of=("self",)).get_or_create(
        lifted_at=None, defaults={"reason": reason, "by": by, "at": now()}
    )
    if not made and reason not in row.reason.splitlines():
        row.reason = f"{row.reason}\n{reason}"
        row.save(update_fields=["reason"])
    return row


@transaction.atomic
def lift(*, by: User, why: str, despite: bool = False) -> Freeze:
    """Let payouts go again.

    PayoutRefused when they are not frozen, without a reason, or while the newest audit has something that freezes
    them: mend it and let the audit run again. `despite` lets them go all the same, and keeps what the audit said.
    """
    if not by.is_staff:
        raise PayoutRefused(_("Only staff let payouts go again."))
    row = Freeze.objects.select_for_update(of=("self",)).filter(lifted_at=None).first()
    if row is None:
        raise PayoutRefused(_("Payouts are not frozen."))
    found = still_found()
    if found and not despite:
        raise PayoutRefused(
            _("The newest audit says: %(found)s. Mend it and audit again, or say that payouts may leave anyway.")
            % {"found": found}
        )
    row.lifted_at, row.lifted_by, row.lifted_why, row.lifted_despite = now(), by, _said(why), found
    row.save(update_fields=["lifted_at", "lifted_by", "lifted_why", "lifted_despite"])
    return row


def still_found() -> str:
    """What the newest audit that ended has against payouts, in words; empty when it has nothing."""
    newest = AuditRun.objects.ended().prefetch_related("findings").first()
    return ", ".join(finding.words for finding in newest.freezing) if newest else ""


def frozen() -> Freeze | None:
    """What stops payouts now, if anything does."""
    return Freeze.objects.select_related("by").filter(lifted_at=None).first()


def refuse_when_frozen() -> None:
    """Called by whatever lets money leave. PayoutRefused says why nothing may."""
    row = frozen()
    if row is not None:
        raise PayoutRefused(
            _("Payouts are frozen: %(reason)s Somebody has to lift that first, under Freezes of payouts.")
            % {"reason": row.reason}
        )


def _said(reason: str) -> str:
    """One line that ends as a sentence does."""
    reason = " ".join(reason.split())
    if not reason:
        raise PayoutRefused(_("Say why."))
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
