"""Refunds in Bitcoin by a transaction of ours: made unsigned, signed outside, believed once the chain shows it.

Whatever asks the chain runs outside of any database transaction. A refund is never paid twice, even if an old PSBT is
signed late: what is made anew for it spends an output of the old one, so that the chain lets only one of them in.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments import machine
from payments.chain import psbt
from payments.chain.addresses import script_of
from payments.chain.outgoing import Outgoing
from payments.chain.psbt import Coin, PsbtRefused, Shown
from payments.errors import RefundRefused
from payments.models import CoinInput, CoinOutput, CoinSending, Refund
from payments.processors import registry
from payments.processors.base import ProcessorError
from payments.processors.bitcoin import Bitcoin
from payments.refunds import ourcoins
from payments.refunds.prices import live_price, lock_price, refuse_dust, refuse_unready

State = CoinSending.State
TXID = re.compile(r"[0-9a-f]{64}")
SLUG = "bitcoin"


def ready() -> list[Refund]:
    """Refunds in Bitcoin that can go into a transaction now, as far as the rows say."""
    rows = Refund.objects.filter(payment__processor=SLUG, state__in=[Refund.State.REQUESTED, Refund.State.FAILED])
    rows = rows.exclude(destination="").exclude(sendings__live=True)
    return list(rows.select_related("payment").order_by("created_at"))


def make_sending(refunds: Sequence[Refund], *, by: User, fee_rate: int | None = None) -> CoinSending:
    """One unsigned transaction that pays all of `refunds`; what is owed by value is priced with it.

    `fee_rate` in satoshi per virtual byte, none: as the node says. RefundRefused names what stands in the way, and
    nothing has changed.
    """
    bitcoin, source = there()
    if not refunds:
        raise RefundRefused(_("Choose refunds that are ready."))
    rate = ourcoins.fee_rate(bitcoin, source, fee_rate)
    try:
        again = ourcoins.voids(source, refunds)
        free = ourcoins.spendable(bitcoin, source, again, ourcoins.about(refunds))
        coins = [ourcoins.with_raw(source, one) for one in free]
        return _write(bitcoin, refunds, coins, coins[: len(again)], rate, by)
    except (PsbtRefused, ProcessorError) as error:
        raise RefundRefused(str(error)) from error
    except IntegrityError as error:
        raise RefundRefused(_("Somebody else is sending one of these just now. Look again.")) from error


@transaction.atomic
def _write(
    bitcoin: Bitcoin, refunds: Sequence[Refund], coins: Sequence[Coin], must: Sequence[Coin], rate: int, by: User
) -> CoinSending:
    rows = [_priced(refund, by) for refund in sorted(refunds, key=lambda one: str(one.pk))]
    outputs = [(row.destination, row.sends.amount) for row in rows]
    index = ourcoins.next_change(bitcoin.chain)
    chosen = psbt.choose(coins, must, outputs, rate)
    made = psbt.make(bitcoin.account, chosen, outputs, rate=rate, change_index=index, dust=bitcoin.dust)
    sending = CoinSending.objects.create(
        processor=bitcoin.slug,
        chain=bitcoin.chain,
        currency=bitcoin.currency,
        psbt=made.psbt,
        txid=made.txid,
        fee_rate=rate,
        fee_minor=made.fee,
        change_index=index,
        change_minor=made.change,
        made_by=by,
    )
    CoinInput.objects.bulk_create(
        CoinInput(
            sending=sending,
            chain=bitcoin.chain,
            txid=one.txid,
            vout=one.vout,
            amount_minor=one.sat,
            branch=one.branch,
            index=one.index,
        )
        for one in chosen
    )
    CoinOutput.objects.bulk_create(
        CoinOutput(sending=sending, refund=row, destination=row.destination, amount_minor=row.sends.amount)
        for row in rows
    )
    return sending


def _priced(refund: Refund, by: User) -> Refund:
    """The refund, locked, with what leaves for it fixed."""
    row = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    refuse_unready(row)
    if row.sendings.filter(live=True).exists():
        raise RefundRefused(_("%(what)s is in another transaction already.") % {"what": row})
    if row.value_minor is not None and live_price(row) is None:
        lock_price(row, by=by)
        row.refresh_from_db()
    refuse_dust(row)
    return row


def discard(sending: CoinSending, *, by: User) -> CoinSending:
    """Nobody will sign it: its outputs and refunds are free. RefundRefused when the chain knows it already."""
    _bitcoin, source = there()
    if _known(source, sending.txid) is not None:
        raise RefundRefused(_("The chain shows it already: record it."))
    with transaction.atomic():
        sending = locked(sending, State.DISCARDED)
        end(sending, State.DISCARDED)
    return sending


def record_sent(sending: CoinSending, *, by: User, text: str) -> CoinSending:
    """A person signed and sent it: `text` is the transaction's id, or the signed PSBT or transaction itself.

    A signed one is compared first and given to the network where that does not know it. It counts once the chain shows
    it, paying exactly this. RefundRefused says what is another.
    """
    _bitcoin, source = there()
    try:
        txid = _txid(source, sending, text)
    except (PsbtRefused, ProcessorError) as error:
        raise RefundRefused(str(error)) from error
    known = _known(source, txid)
    if known is None:
        message = _("Nothing is known of %(ref)s yet. Check it, or wait until your wallet has sent it.")
        raise RefundRefused(message % {"ref": txid})
    try:
        return book(sending, psbt.read(known), by=by)
    except IntegrityError as error:
        raise RefundRefused(_("Its coins or refunds are in another transaction by now.")) from error


def _txid(source: Outgoing, sending: CoinSending, text: str) -> str:
    if TXID.fullmatch(text.strip().lower()):
        return text.strip().lower()
    shown = psbt.read(text)
    compare(sending, shown)
    if _known(source, shown.txid) is None:
        if not shown.signed:
            raise PsbtRefused(_("It is not signed yet. Sign it with your wallet first."))
        source.broadcast(shown.signed)
    return shown.txid


def compare(sending: CoinSending, shown: Shown) -> list[int]:
    """Which output of `shown` pays each of ours. PsbtRefused unless it spends and pays exactly this, change aside."""
    outputs = [(one.destination, one.amount_minor) for one in sending.outputs.order_by("pk")]
    if shown.spends != {one.place for one in sending.inputs.all()}:
        raise PsbtRefused(_("It spends other coins than this transaction does."))
    vouts = shown.vouts(outputs)
    if vouts is None:
        raise PsbtRefused(_("It does not pay exactly what this transaction pays."))
    rest = [paid for n, paid in enumerate(shown.pays) if n not in vouts]
    change = _bitcoin().account.address(sending.change_index, branch=1)
    if len(rest) > 1 or any(to != script_of(change) for to, _sat in rest):
        raise PsbtRefused(_("It pays somebody else as well."))
    return vouts


@transaction.atomic
def book(sending: CoinSending, shown: Shown, *, by: User) -> CoinSending:
    """The chain shows it: its refunds are sent."""
    sending = CoinSending.objects.select_for_update().get(pk=sending.pk)
    if sending.state == State.SENT and sending.txid == shown.txid:
        return sending
    was_sent = sending.state == State.SENT
    if not was_sent:
        sending = locked(sending, State.SENT)
    try:
        vouts = compare(sending, shown)
    except PsbtRefused as error:
        raise RefundRefused(str(error)) from error
    sending.inputs.update(live=True)
    sending.outputs.update(live=True)
    inputs = sum(one.amount_minor for one in sending.inputs.all())
    sending.fee_minor = inputs - sum(sat for _to, sat in shown.pays)
    rest = [n for n in range(len(shown.pays)) if n not in vouts]
    sending.change_vout = rest[0] if rest else None
    sending.change_minor = shown.pays[rest[0]][1] if rest else 0
    sending.txid, sending.state, sending.look_at = shown.txid, State.SENT, now()
    sending.sent_by, sending.sent_at = by, sending.sent_at or now()
    sending.save()
    for output, vout in zip(sending.outputs.select_related("refund").order_by("pk"), vouts, strict=True):
        reference = f"{shown.txid}:{vout}"
        if was_sent:
            Refund.objects.filter(pk=output.refund_id).update(processor_ref=reference)
        else:
            sent = Money(output.amount_minor, sending.currency)
            machine.sent_by_hand(output.refund, by=by, reference=reference, final=False, sent=sent)
    return sending


def end(sending: CoinSending, state: CoinSending.State) -> None:
    sending.state, sending.look_at = state, now() + dt.timedelta(hours=1)
    sending.save(update_fields=["state", "look_at"])
    sending.inputs.update(live=False)
    sending.outputs.update(live=False)


def locked(sending: CoinSending, to: CoinSending.State) -> CoinSending:
    row = CoinSending.objects.select_for_update().get(pk=sending.pk)
    if to not in CoinSending.NEXT[row.state]:
        raise RefundRefused(
            _("This transaction is “%(state)s”; it cannot become “%(to)s”.")
            % {"state": row.get_state_display(), "to": to.label}
        )
    return row


def _known(source: Outgoing, txid: str) -> str | None:
    try:
        known = source.transaction(txid)
    except ProcessorError as error:
        raise RefundRefused(str(error)) from error
    return None if known is None else known.raw


def _bitcoin() -> Bitcoin:
    try:
        found = registry.get(SLUG)
    except registry.NoProcessor as error:
        raise RefundRefused(str(error)) from error
    assert isinstance(found, Bitcoin)
    return found


def there() -> tuple[Bitcoin, Outgoing]:
    found = _bitcoin()
    if not isinstance(found.source, Outgoing):
        raise RefundRefused(_("The play chain has no transactions to sign: send it by hand."))
    return found, found.source
