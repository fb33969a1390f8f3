"""Whether a transaction that a person made sent what it should have: looked up on the chain, never believed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from fx.money import Money
from payments.chain.evm.node import Node
from payments.chain.evm.token import Token, transfer_of
from payments.chain.evm.words import number
from payments.processors.base import Outcome, Unavailable


@dataclass(frozen=True, slots=True)
class Sending:
    """`money` to `to`, not before `since`; final after `confirmations` blocks."""

    money: Money
    to: str
    since: dt.datetime
    confirmations: int


def verify(node: Node, token: Token, txid: str, sending: Sending) -> tuple[Outcome, str] | None:
    """SUCCEEDED when it is final, PENDING while it is not, FAILED with the reason when it is not what it should be;
    None while the chain knows nothing of it."""
    tip = node.tip()
    token.check()
    try:
        found = node.rpc.call("eth_getTransactionReceipt", txid)
        if found is None:
            return _not_in_a_block(node, txid)
        height = number(found["blockNumber"])
        wrong = _wrong(node, token, found, sending, height)
    except (LookupError, TypeError, ValueError) as error:
        raise Unavailable(f"The EVM node gave an answer of another shape: {error!r}.") from error
    if wrong:
        return Outcome.FAILED, f"Transaction {txid} {wrong}"
    deep = tip.height - height + 1 >= sending.confirmations and (tip.final is None or height <= tip.final)
    if not deep:
        return Outcome.PENDING, f"Transaction {txid} is in a block that is not final yet."
    return Outcome.SUCCEEDED, ""


def _not_in_a_block(node: Node, txid: str) -> tuple[Outcome, str] | None:
    if node.rpc.call("eth_getTransactionByHash", txid) is None:
        return None
    return Outcome.PENDING, f"Transaction {txid} waits for a block."


def _wrong(node: Node, token: Token, found: Any, sending: Sending, height: int) -> str:
    """What is wrong with it, empty when nothing is."""
    if number(found["status"]) != 1:
        return "failed on the chain: it sent nothing."
    if node.block_at(height).at < sending.since:
        return "is older than what it should pay."
    events = [transfer_of(log, token.contract) for log in found["logs"]]
    sent = [Money(one.value, token.currency) for one in events if one and one.to.lower() == sending.to.lower()]
    if not sent:
        return f"sends no {token.currency} of {token.contract} to {sending.to}."
    if sending.money not in sent:
        return f"sends {', '.join(map(str, sent))} to {sending.to}, not {sending.money}."
    return ""
