"""Outputs of ours that a transaction may spend, what has to be spent again, and what the network takes for it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.services import current_rates
from payments.chain.outgoing import Outgoing
from payments.chain.psbt import Coin, PsbtRefused
from payments.errors import RefundRefused
from payments.models import ChainReceipt, CoinInput, CoinSending, Refund
from payments.processors.base import ProcessorError
from payments.processors.bitcoin import Bitcoin

State = CoinSending.State
AT_ONCE = 50  # outputs whose state is asked for together


def spendable(bitcoin: Bitcoin, source: Outgoing, must: Sequence[CoinInput], need: int) -> list[Coin]:
    """Confirmed outputs of ours that nobody spends: `must`, then the largest, about as many as `need` takes."""
    found = [Coin(one.txid, one.vout, one.amount_minor, one.branch, one.index) for one in must]
    rest = [one for one in _ours(bitcoin.chain) if one.place not in {other.place for other in found}]
    while rest and sum(one.sat for one in found) < need:
        asked, rest = rest[:AT_ONCE], rest[AT_ONCE:]
        there = source.unspent([one.place for one in asked])
        found += [one for one, free in zip(asked, there, strict=True) if free]
    return found[: len(must) + AT_ONCE]


def _ours(chain: str) -> list[Coin]:
    """What buyers paid and what came back as change, unless a transaction of ours spends it already."""
    taken = set(CoinInput.objects.filter(chain=chain, live=True).values_list("txid", "vout"))
    receipts = ChainReceipt.objects.filter(address__chain=chain, state=ChainReceipt.State.FINAL, amount_minor__gt=0)
    paid = receipts.values_list("txid", "vout", "amount_minor", "address__index")
    changes = CoinSending.objects.filter(chain=chain, state=State.FINAL).exclude(change_vout=None)
    back = changes.values_list("txid", "change_vout", "change_minor", "change_index")
    coins = [Coin(txid, vout, sat, 0, index) for txid, vout, sat, index in paid]
    coins += [Coin(txid, vout, sat, 1, index) for txid, vout, sat, index in back if vout is not None]
    return sorted((one for one in coins if one.place not in taken), key=lambda one: -one.sat)


def voids(source: Outgoing, refunds: Sequence[Refund]) -> list[CoinInput]:
    """An output of each earlier transaction for one of these, to be spent again: then only one of both can be mined."""
    earlier = CoinSending.objects.filter(outputs__refund__in=refunds, outputs__live=False).distinct()
    must: dict[tuple[str, int], CoinInput] = {}
    for sending in earlier:
        if source.transaction(sending.txid) is not None:
            raise RefundRefused(_("One of these was sent as %(txid)s: record that.") % {"txid": sending.txid})
        inputs = list(sending.inputs.order_by("pk"))
        if not all(source.unspent([one.place for one in inputs], pending=False)):
            continue  # another transaction in a block has spent it: the old one never comes
        taken = CoinInput.objects.filter(chain=sending.chain, live=True)
        free = [one for one in inputs if not taken.filter(txid=one.txid, vout=one.vout).exists()]
        if not free or not source.unspent([free[0].place])[0]:
            raise RefundRefused(
                _("The coins of an earlier transaction, %(txid)s, are being spent. Wait until that has ended.")
                % {"txid": sending.txid}
            )
        must[free[0].place] = free[0]
    return list(must.values())


def with_raw(source: Outgoing, one: Coin) -> Coin:
    known = source.transaction(one.txid)
    if known is None:
        raise PsbtRefused(f"The chain's source does not show {one.txid} any more. Look again in a minute.")
    return Coin(one.txid, one.vout, one.sat, one.branch, one.index, known.raw)


def about(refunds: Sequence[Refund]) -> int:
    """A little more than these will take, in satoshi."""
    rates, need = current_rates(), 0
    for refund in refunds:
        try:
            need += refund.sends.amount if refund.value_minor is None else rates.convert(refund.owed, "BTC").amount
        except RateMissing:
            continue  # the price says what is wrong
    return need * 2 + 200_000


def next_change(chain: str) -> int:
    with connection.cursor() as cursor:  # one at a time, so that no index is given out twice
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('chain change'), hashtext(%s))", [chain])
    latest = CoinSending.objects.filter(chain=chain).aggregate(latest=Max("change_index"))["latest"]
    return 0 if latest is None else latest + 1


def fee_rate(bitcoin: Bitcoin, source: Outgoing, asked: int | None) -> int:
    ceiling = int(bitcoin.config.get("fee_ceiling", 200))
    try:
        rate = source.fee_rate() if asked is None else asked
    except ProcessorError as error:
        raise RefundRefused(str(error)) from error
    if rate is None:
        raise RefundRefused(_("The node cannot say what fee is usual. Enter one."))
    if not 1 <= rate <= ceiling:
        raise RefundRefused(
            _("A fee of %(rate)d satoshi per byte is not from 1 to %(ceiling)d, see BITCOIN_FEE_CEILING.")
            % {"rate": rate, "ceiling": ceiling}
        )
    return rate
