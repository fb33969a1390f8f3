"""What becomes of our transactions: the chain is asked until they are final; when they are gone a person is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from payments import machine
from payments.cases import open_case
from payments.chain import psbt
from payments.chain.outgoing import FINAL_AFTER, Outgoing
from payments.ledger import codes
from payments.ledger.posting import Draft, post_all
from payments.models import Case, CoinSending
from payments.processors.base import Outcome, Update
from payments.refunds.sendings import book, end, locked, there

State = CoinSending.State
Follow = Callable[[machine.Change], None]
EVERY, GIVEN_UP_EVERY = dt.timedelta(minutes=1), dt.timedelta(hours=1)
WATCHED = dt.timedelta(days=30)  # after it was discarded or lost: somebody may have signed it


def due(limit: int = 100) -> list[int]:
    rows = CoinSending.objects.filter(look_at__lte=now()).order_by("look_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def look(sending_id: int, *, follow: Follow | None = None) -> None:
    """Ask the chain what became of it: sent by somebody, final, replaced or gone."""
    sending = CoinSending.objects.select_related("made_by").get(pk=sending_id)
    _bitcoin, source = there()
    known = source.transaction(sending.txid)
    if known is not None and sending.state == State.OPEN:
        book(sending, psbt.read(known.raw), by=sending.made_by)
    elif known is not None and sending.state in {State.DISCARDED, State.LOST}:
        _gone(sending, _("It was sent although it was given up. Record it on its page."))
    elif sending.state == State.SENT and known is None:
        _missing(source, sending, follow)
    elif sending.state == State.SENT and known is not None and known.depth >= FINAL_AFTER:
        _finish(sending)
    _look_again(sending)


def _missing(source: Outgoing, sending: CoinSending, follow: Follow | None) -> None:
    """Replaced or dropped: a person is told. Once another transaction with its coins is in a block it never comes."""
    places = [one.place for one in sending.inputs.all()]
    if all(source.unspent(places)):
        _gone(
            sending, _("The network does not know it any more. Send it again with your wallet; it still can be mined.")
        )
        return
    _gone(sending, _("Another transaction spends its coins. If your wallet raised the fee, record the new id."))
    if not all(source.unspent(places, pending=False)):
        _lose(sending, follow)


@transaction.atomic
def _lose(sending: CoinSending, follow: Follow | None) -> None:
    sending = locked(sending, State.LOST)
    for output in sending.outputs.select_related("refund"):
        ref = output.refund.processor_ref
        message = f"Transaction {sending.txid} was replaced by another one that is in a block."
        change = machine.apply(Update("refund", ref, Outcome.FAILED, message=message), processor=sending.processor)
        if change is not None and follow is not None:
            follow(change)
    end(sending, State.LOST)


@transaction.atomic
def _finish(sending: CoinSending) -> None:
    """Its fee is booked once, as the chain has it. Its refunds succeed by their own look."""
    sending = locked(sending, State.FINAL)
    legs = [
        (codes.expense(sending.processor, sending.currency), sending.fee_minor),
        (codes.clearing(sending.processor, sending.currency), -sending.fee_minor),
    ]
    if sending.fee_minor:
        post_all([Draft(f"sending:{sending.pk}:fee", "network_fee", str(sending.pk), legs)])
    sending.state, sending.final_at = State.FINAL, now()
    sending.save(update_fields=["state", "final_at"])


def _look_again(sending: CoinSending) -> None:
    state, made_at = CoinSending.objects.values_list("state", "made_at").get(pk=sending.pk)
    again = now() + EVERY if state in CoinSending.LIVE else None
    if state in {State.DISCARDED, State.LOST} and now() < made_at + WATCHED:
        again = now() + GIVEN_UP_EVERY
    CoinSending.objects.filter(pk=sending.pk).update(look_at=again)


def _gone(sending: CoinSending, says: str) -> None:
    open_case(Case.Kind.GONE, processor=sending.processor, ref=sending.txid, says=says)
