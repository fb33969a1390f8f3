"""Look at the chain and say what is new. Stores receipts; what they mean for a payment is `payments.machine.apply`'s.

Open payments are looked at on every call, closed ones (paid, expired) each minute until their monitoring
ends and once a day until the last look, because a block can be reorganised and a buyer can be late. Old ones are
looked at together: a look reads as far back as its oldest.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from payments.cases import open_case
from payments.chain import playmoney
from payments.chain.book import invoice_of
from payments.chain.invoice import Verdict
from payments.chain.source import Receipt, Sight, Tip
from payments.models import Case, ChainAddress, ChainReceipt, Payment
from payments.processors import registry
from payments.processors.base import Outcome, ProcessorError, Update
from payments.processors.coin import Coin

log = logging.getLogger(__name__)
AT_ONCE = 500  # addresses per look; the longest unseen first
CLOSED_EVERY, OLD_EVERY = dt.timedelta(minutes=1), dt.timedelta(days=1)
LAST_LOOK = dt.timedelta(days=90)  # after expiry
State = Payment.State
# What an open payment's state says already.
SAYS = {
    State.ACTION: Outcome.ACTION,
    State.PENDING: Outcome.ACTION,
    State.PARTIAL: Outcome.PARTIAL,
    State.SEEN: Outcome.SEEN,
}


def poll() -> list[tuple[str, Update]]:
    """News from every active chain, each with its processor's slug.

    A source that cannot be asked is logged and asked again next time.
    """
    found: list[tuple[str, Update]] = []
    for processor in registry.active():
        if isinstance(processor, Coin):
            found += [(processor.slug, update) for update in _asked(processor)]
    return found


def watch(processor: Coin) -> list[Update]:
    """Look at the addresses that are due. Raises Unavailable or Refused; what it could not see is not stored."""
    return [update for rows in _due(processor.chain) for update in see(processor, rows)]


def _asked(processor: Coin) -> Iterator[Update]:
    try:
        if settings.DEMO:
            playmoney.tick(processor)
        for rows in _due(processor.chain):
            yield from see(processor, rows)
    except ProcessorError as error:
        log.warning("%s: %s", processor.slug, error)


def look_again(processor: Coin, address: str) -> list[Update]:
    """Look at one address, however long ago its last look was; nothing when it was never given out."""
    rows = ChainAddress.objects.filter(chain=processor.chain, address=address).select_related("payment")
    return see(processor, found) if (found := list(rows)) else []


def see(processor: Coin, rows: list[ChainAddress]) -> list[Update]:
    """One look at `rows`. Raises Unavailable or Refused before anything is stored."""
    sight = processor.look([invoice_of(row) for row in rows])
    updates = []
    for row in rows:
        store(row, sight)
        reach("chain seen")
        update = news(row.payment, row.address, processor.judge(invoice_of(row), sight))
        if update is not None:
            updates.append(update)
    return updates


def news(payment: Payment, address: str, verdict: Verdict) -> Update | None:
    """The update that `payment` does not reflect yet; none when there is nothing new to say about it."""
    outcome, amount = verdict.outcome, verdict.deep
    if payment.state == State.CAPTURED:
        if verdict.mined < invoice_of(payment.chain_address).enough:
            return _reversal(payment, verdict)
        known = amount <= payment.received
    elif payment.state in Payment.OPEN:
        known = SAYS.get(State(payment.state)) == outcome and amount == payment.received
    else:
        known = amount <= payment.received
    return None if known else Update("payment", address, outcome, amount)


def _reversal(payment: Payment, verdict: Verdict) -> Update | None:
    """Said until a person has a case about it, then no more: they decide, nothing is undone by itself."""
    ref = payment.processor_ref
    if Case.objects.filter(kind=Case.Kind.REVERSED, processor=payment.processor, ref=ref).exists():
        return None
    return Update("payment", ref, Outcome.REVERSED, verdict.mined)


@transaction.atomic
def store(row: ChainAddress, sight: Sight) -> None:
    """Make the stored receipts of one address what was seen, and plan the next look."""
    ChainAddress.objects.select_for_update().get(pk=row.pk)
    known = {(r.txid, r.vout): r for r in row.receipts.all()}
    for receipt in sight.of(row.address):
        stored = known.pop((receipt.txid, receipt.vout), None)
        _save(
            stored or ChainReceipt(address=row, txid=receipt.txid, vout=receipt.vout),
            receipt,
            sight.tip,
            row,
        )
    gone = [stored.pk for stored in known.values()]
    ChainReceipt.objects.filter(pk__in=gone).update(state=ChainReceipt.State.GONE, depth=0, height=None, block_hash="")
    ChainAddress.objects.filter(pk=row.pk).update(look_at=_next_look(row.payment, now()))


def _save(stored: ChainReceipt, receipt: Receipt, tip: Tip, row: ChainAddress) -> None:
    before = (stored.amount_minor, stored.claimed_minor)
    depth = receipt.depth(tip)
    stored.amount_minor, stored.claimed_minor = receipt.amount_minor, receipt.claimed
    stored.height, stored.block_hash, stored.depth = receipt.height, receipt.block_hash or "", depth
    mined = ChainReceipt.State.MINED if depth else ChainReceipt.State.SEEN
    stored.state = ChainReceipt.State.FINAL if receipt.is_final(tip, row.confirmations) else mined
    stored.save()
    if receipt.amount_minor != receipt.claimed and before != (receipt.amount_minor, receipt.claimed):
        _differs(stored, row)


def _differs(receipt: ChainReceipt, row: ChainAddress) -> None:
    """The chain says that more was sent than the address has: only that counts, and a person looks at the token."""
    open_case(
        Case.Kind.AMOUNT,
        processor=row.payment.processor,
        ref=f"receipt {receipt.txid}:{receipt.vout}",
        payment=str(row.payment.pk),
        says=str(receipt.claimed),
        counts=str(receipt.amount),
    )


def _due(chain: str) -> list[list[ChainAddress]]:
    """The addresses to look at now, the young ones first and apart from the old ones."""
    at = now()
    rows = ChainAddress.objects.filter(chain=chain, look_at__lte=at)
    shown = rows.exclude(payment__state=State.CREATED)  # else its address is not yet known to anybody
    found = list(shown.select_related("payment").order_by("look_at", "id")[:AT_ONCE])
    parts = [[row for row in found if _is_old(row.payment, at) is old] for old in (False, True)]
    return [part for part in parts if part]


def _is_old(payment: Payment, at: dt.datetime) -> bool:
    return payment.state not in Payment.OPEN and at >= payment.monitor_until


def _next_look(payment: Payment, at: dt.datetime) -> dt.datetime | None:
    if payment.state in Payment.OPEN:
        return at
    if not _is_old(payment, at):
        return at + CLOSED_EVERY
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + OLD_EVERY if at < payment.expires_at + LAST_LOOK else None
