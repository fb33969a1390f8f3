"""Audits that are kept: asked for by the night or by a person, and payouts that freeze on what they find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace import letters
from marketplace.lib.audit import Result
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models import AuditFinding, AuditRun
from payments.payouts.freezing import freeze

PERMISSION = "payments.view_auditrun"
OLD = dt.timedelta(hours=26)


@transaction.atomic
def ask(*, by: User | None = None) -> AuditRun:
    """An audit that the next sweep runs; the one that waits already, if one does. `by` is none for the night's."""
    return AuditRun.objects.waiting().first() or AuditRun.objects.create(by=by)


def due() -> AuditRun | None:
    """What has to be run now: one that waits, or else the night's, when none has ended since AUDIT_HOUR."""
    waiting = AuditRun.objects.waiting().first()
    if waiting is not None or AuditRun.objects.ended().filter(started_at__gte=_tonight()).exists():
        return waiting
    return ask()


def begin(run: AuditRun) -> None:
    """Harmless when a killed process began it before."""
    run.started_at = now()
    run.save(update_fields=["started_at"])


@transaction.atomic
def keep(run: AuditRun, results: Iterable[Result]) -> AuditRun:
    """Its end, with what was found. Whatever is severity 1 freezes payouts; staff get a letter about anything."""
    results = list(results)
    run.ended_at, run.checked, run.error = now(), len(results), ""
    run.save(update_fields=["ended_at", "checked", "error"])
    AuditFinding.objects.bulk_create(
        AuditFinding(
            run=run,
            invariant=result.check.id,
            severity=result.check.severity,
            statement=result.check.statement,
            count=result.count,
            samples=result.samples,
            error=result.error,
        )
        for result in results
        if result.is_broken
    )
    for finding in run.freezing:
        freeze(reason=_reason(finding))
    if run.findings.exists():
        _tell(run, f"audit:{run.pk}")
    return run


@transaction.atomic
def stumble(run: AuditRun, error: str) -> None:
    """This try did not end: the next sweep tries again. Staff get one letter, however often that happens."""
    run.error = error
    run.save(update_fields=["error"])
    _tell(run, f"audit:{run.pk}:failed")


def trouble() -> str:
    """A sentence for staff: what is wrong with the audits. Empty when the newest one has nothing of severity 1."""
    waiting = AuditRun.objects.waiting().exclude(error="").first()
    if waiting is not None:
        return _("The audit could not be run: %(why)s") % {"why": waiting.error}
    newest = AuditRun.objects.ended().prefetch_related("findings").first()
    if newest is None or newest.ended_at is None:
        return ""
    if newest.ended_at < now() - OLD:
        return _("No audit has ended since %(when)s.") % {"when": date_format(newest.ended_at, "DATETIME_FORMAT")}
    return _("The audit says: %(found)s.") % {"found": newest.result} if newest.freezing else ""


def _tonight() -> dt.datetime:
    """The last time that it was AUDIT_HOUR, in UTC."""
    moment = now().astimezone(dt.UTC).replace(hour=settings.AUDIT_HOUR, minute=0, second=0, microsecond=0)
    return moment if moment <= now() else moment - dt.timedelta(days=1)


def _reason(finding: AuditFinding) -> str:
    about = {"invariant": finding.invariant, "statement": finding.statement}
    with translation.override(settings.LANGUAGE_CODE):  # as staff read it, whoever asked
        if finding.error:
            return _("The audit could not check %(invariant)s: %(statement)s") % about
        return _("The audit found %(invariant)s broken: %(statement)s") % about


def _tell(run: AuditRun, key: str) -> None:
    """A letter to all staff who may look at audits."""
    staff = User.objects.filter(is_staff=True, is_active=True).order_by("pk")
    link = settings.SITE_URL + reverse("admin:payments_auditrun_change", args=[run.pk])
    for person in (user for user in staff if user.has_perm(PERMISSION)):
        letters.write(
            key=f"{key}:{person.pk}",
            to=person.email,
            template="audit_found",
            context={"run": run, "findings": list(run.findings.all()), "frozen": bool(run.freezing), "link": link},
            language=person.language,
        )
