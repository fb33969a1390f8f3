"""Wiring of the audit: every app's invariants, and the site's own."""

from __future__ import annotations

from fx import audit as fx_audit
from listings import audit as listings_audit
from marketplace.lib.audit import Check, Waiting
from orders import audit as orders_audit
from payments import audit as payments_audit

OWN = (
    Check(
        "G09", "S1", "An idempotency key is used once per actor, and no call runs for ever.",
        "select key from marketplace_idempotentcall group by actor, key having count(*) > 1"
        " union all select key from marketplace_idempotentcall where status is null"
        " and created_at < now() - interval '10 minutes'",
    ),
    Check(
        "G10", "S2", "No letter waits longer than a day.",
        "select key from marketplace_letter where sent_at is null and created_at < now() - interval '1 day'",
    ),
)  # fmt: skip

WAITING = (
    Waiting("L01", "After faults stop, all work drains within two minutes.", "A test with real kills watches it."),
    Waiting("L02", "Every invariant holds at every instant.", "Run the audit in a loop; a test with real kills does."),
    Waiting("T02", "What was acknowledged is there after recovery.", "Only who got the answer knows: a test does."),
    Waiting("T03", "A repeated refusal is refused again.", "Only who got the answer knows: the API's tests do."),
    Waiting("T04", "Balances and states can be rebuilt.", "A05 and H02 rebuild them; a restore drill comes later."),
)


def checks() -> tuple[Check, ...]:
    found = payments_audit.checks() + fx_audit.checks() + listings_audit.checks() + orders_audit.checks() + OWN
    return tuple(sorted(found, key=lambda check: check.id))


def waiting() -> tuple[Waiting, ...]:
    return tuple(sorted(payments_audit.WAITING + orders_audit.WAITING + WAITING, key=lambda one: one.id))
