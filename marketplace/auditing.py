"""The night's audit: every app's invariants, looked at and kept."""

from __future__ import annotations

import logging

from marketplace.audit import checks
from marketplace.lib.audit import Result, run
from marketplace.lib.locks import singleton
from payments import auditing
from payments.models import AuditRun

log = logging.getLogger(__name__)


def sweep() -> int:
    """Run the audit that is due, the night's or one that a person asked for; how many that were: none or one.

    One process at a time. An audit whose process was killed, or that failed as a whole, is run again by the next sweep.
    """
    with singleton("audit") as alone:
        due = auditing.due() if alone else None
        if due is None:
            return 0
        auditing.begin(due)
        try:
            results = look()
        except Exception as error:  # whatever it is, people have to hear that nobody looked
            log.exception("The audit failed; it will be tried again.")
            auditing.stumble(due, str(error))
            return 1
        _say(auditing.keep(due, results))
        return 1


def look() -> list[Result]:
    """Every invariant; what could not be checked is tried once more, on a snapshot of its own."""
    found = run(checks())
    again = {result.check.id: result for result in run([one.check for one in found if one.error])}
    return [again.get(result.check.id, result) for result in found]


def _say(kept: AuditRun) -> None:
    """For whoever reads logs: an error wakes them up."""
    found = list(kept.findings.all())
    log.log(logging.ERROR if found else logging.INFO, "Audit of %s invariants: %s.", kept.checked, kept.result)
