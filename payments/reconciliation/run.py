"""One reconciliation: read the processor's lines, heal what a lost webhook left, keep what a person has to look at."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from marketplace.lib.locks import singleton
from marketplace.models import User
from payments import machine
from payments.chain import watch
from payments.errors import PaymentError
from payments.machine import Follow
from payments.models import ReconItem, ReconRun, ReconSum, StatementLine
from payments.processors import registry
from payments.processors.base import ProcessorError, Update
from payments.processors.coin import Coin
from payments.reconciliation import sides
from payments.reconciliation.booking import book_lines
from payments.reconciliation.matching import Finding, Key, Side, differences
from payments.reconciliation.share import share_of

log = logging.getLogger(__name__)
Sides = Mapping[Key, Side]
BEGINNING = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
OVERLAP = dt.timedelta(days=3)  # lines are read again that far back: a processor may write them late
READS = 3  # tries to read lines and balance while nothing moves
A_DAY = dt.timedelta(hours=23)
ASKED_AS = {
    "charge": "payment",
    "refund": "refund",
    "dispute": "dispute",
    "payout": "settlement",
    "transfer": "payout",
}


class ReconRefused(PaymentError):
    """This processor cannot be reconciled, or somebody does it at this moment."""


def processors() -> list[str]:
    """The active ones that have a record of their own."""
    return [processor.slug for processor in registry.active() if processor.keeps_record]


def due() -> list[str]:
    """Those that were not reconciled in the last day."""
    fresh = ReconRun.objects.filter(at__gt=now() - A_DAY).values_list("processor", flat=True)
    return [slug for slug in processors() if slug not in set(fresh)]


def reconcile(processor: str, *, follow: Follow | None = None, by: User | None = None) -> ReconRun:
    """Compare all of the processor's own record with our books. Never call it inside a transaction.

    What is missing here is fetched and applied, as its webhook would have been. Raises the processor's
    errors, and ReconRefused for one without a record or while another run is under way.
    """
    if processor not in registry.slugs() or not registry.get(processor).keeps_record:
        raise ReconRefused(_("%(processor)s keeps no record that could be compared.") % {"processor": processor})
    with singleton(f"reconcile {processor}") as alone:
        if not alone:
            raise ReconRefused(_("%(processor)s is being reconciled at this moment.") % {"processor": processor})
        reported = read_whole(processor)
        reach("statement read")
        book_lines(processor)
        healed = _heal(processor, follow)
        return _store(processor, healed, by, reported)


def read_whole(processor: str) -> dict[str, int] | None:
    """Keep what is new; what the processor says that it holds, by currency, if that did not change meanwhile."""
    for _try in range(READS):
        before = registry.get(processor).holds()
        read(processor)
        if before is None:
            return None
        if registry.get(processor).holds() == before:
            return {money.currency: money.amount for money in before}
    return None


def read(processor: str) -> int:
    """Keep the lines that are new since the last time; how many."""
    latest = StatementLine.objects.filter(processor=processor).order_by("-at").values_list("at", flat=True).first()
    since = BEGINNING if latest is None else latest - OVERLAP
    lines = [
        StatementLine(
            processor=processor,
            line=line.line or f"{line.ref}:{line.kind}:{line.at.isoformat()}:{line.amount.amount}",
            ref=line.ref,
            kind=line.kind,
            category=line.category[:40],
            bound=line.bound[:64],
            currency=line.amount.currency,
            amount_minor=line.amount.amount,
            fee_minor=line.fee.amount,
            origin_currency=line.origin.currency if line.origin else "",
            origin_minor=line.origin.amount if line.origin else None,
            rate=line.rate[:32],
            at=line.at,
        )
        for line in registry.get(processor).statement(since, now() + dt.timedelta(minutes=5))
    ]
    before = StatementLine.objects.filter(processor=processor).count()
    StatementLine.objects.bulk_create(lines, ignore_conflicts=True)
    return StatementLine.objects.filter(processor=processor).count() - before


def _differences(processor: str) -> list[Finding]:
    return differences(sides.ours(processor), sides.theirs(processor))


def _heal(processor: str, follow: Follow | None) -> int:
    """Fetch and apply what is missing here; for how many of them both sides agree now."""
    asked = [one.ref for one in _differences(processor) if one.theirs and _ask(processor, one, follow)]
    book_lines(processor)
    still = {one.ref for one in _differences(processor)} if asked else set()
    return sum(ref not in still for ref in asked)


def _ask(processor: str, finding: Finding, follow: Follow | None) -> bool:
    """Whether there was something to ask for. What the processor says is news like any other."""
    line = StatementLine.objects.filter(processor=processor, ref=finding.ref).order_by("at").first()
    kind = ASKED_AS.get(line.kind) if line else None
    if kind is None:
        return False
    try:
        for update in _told(processor, finding.ref, kind):
            with transaction.atomic(durable=True):
                change = machine.apply(update, processor=processor)
                if change is not None and follow is not None:
                    follow(change)
    except (ProcessorError, PaymentError):
        log.exception("%s of %s could not be healed.", finding.ref, processor)
    return True


def _told(processor: str, ref: str, kind: str) -> list[Update]:
    """What the processor says of it now. A chain's receipts are stored with it."""
    asked = registry.get(processor)
    if isinstance(asked, Coin):
        return watch.look_again(asked, ref)
    update = asked.fetch(ref, kind=kind)
    return [] if update is None else [update]


@dataclass(frozen=True, slots=True)
class Found:
    """What differs: old enough to be on both sides or not, and what of the old nobody has explained."""

    ripe: Sequence[Finding]
    young: Sequence[Finding]
    unexplained: Sequence[Finding]

    def of(self, currency: str) -> Found:
        return Found(
            *([one for one in part if one.currency == currency] for part in (self.ripe, self.young, self.unexplained))
        )


@transaction.atomic
def _store(processor: str, healed: int, by: User | None, reported: Mapping[str, int] | None) -> ReconRun:
    """Items for what differs and is old enough; those that agree by now are closed with a note."""
    theirs = sides.theirs(processor)
    ours, clearing = sides.books(processor)
    found = _sorted(processor, differences(ours, theirs))
    _close_agreed(processor, {(one.ref, one.currency) for one in (*found.ripe, *found.young)})
    for one in found.unexplained:
        _item(processor, one)
    run = ReconRun.objects.create(
        processor=processor,
        by=by,
        at=now(),
        counted=len(ours.keys() | theirs.keys()),
        healed=healed,
        open_items=ReconItem.objects.filter(processor=processor, closed_at=None).count(),
        explained_bps=0,
    )
    _sums(run, clearing=clearing, ours=ours, theirs=theirs, found=found, reported=reported)
    run.explained_bps = share_of([run])
    run.save(update_fields=["explained_bps"])
    return run


def _sorted(processor: str, found: Iterable[Finding]) -> Found:
    found = list(found)
    young = registry.get(processor).record_lags  # what is younger may not be on both sides yet
    ripe = [one for one in found if one.since <= now() - young or one.kind == "missing_here"]
    closed = ReconItem.objects.filter(processor=processor).exclude(closed_at=None)
    accepted = set(closed.values_list("ref", "currency", "ours_minor", "theirs_minor"))
    unexplained = [one for one in ripe if (one.ref, one.currency, one.ours, one.theirs) not in accepted]
    return Found(ripe, [one for one in found if one not in ripe], unexplained)


def _sums(
    run: ReconRun,
    *,
    clearing: dict[str, int],
    ours: Sides,
    theirs: Sides,
    found: Found,
    reported: Mapping[str, int] | None,
) -> None:
    unknown = sides.unexplained(run.processor)
    for currency in sorted(clearing.keys() | {currency for _ref, currency in theirs} | (reported or {}).keys()):
        of = found.of(currency)
        moved = [side.minor for (_ref, ccy), side in {**ours, **theirs}.items() if ccy == currency]
        ReconSum.objects.create(
            run=run,
            currency=currency,
            theirs_minor=sum(side.minor for (_ref, ccy), side in theirs.items() if ccy == currency),
            ours_minor=clearing.get(currency, 0),
            differing_minor=sum(one.difference for one in of.ripe),
            young_minor=sum(one.difference for one in of.young),
            moved_minor=sum(map(abs, moved)),
            unexplained_minor=sum(abs(one.difference) for one in of.unexplained) + unknown.get(currency, 0),
            reported_minor=None if reported is None else reported.get(currency, 0),
        )


def _item(processor: str, one: Finding) -> None:
    ReconItem.objects.update_or_create(
        processor=processor,
        ref=one.ref,
        currency=one.currency,
        closed_at=None,
        defaults={"kind": one.kind, "ours_minor": one.ours, "theirs_minor": one.theirs},
    )


def _close_agreed(processor: str, differing: set[tuple[str, str]]) -> None:
    for item in ReconItem.objects.select_for_update().filter(processor=processor, closed_at=None):
        if (item.ref, item.currency) not in differing:
            item.closed_at, item.note = now(), _("Both sides agree by now.")
            item.save(update_fields=["closed_at", "note"])
