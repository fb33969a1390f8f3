"""One token contract as its node shows it: who sent what to whom, and who has how much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fx.money import EXPONENT
from payments.chain.evm.addresses import checksummed
from payments.chain.evm.rpc import Call, EvmError, EvmRpc
from payments.chain.evm.words import BALANCE_OF, DECIMALS, TRANSFER, hash32, number, quantity, topic, word
from payments.processors.base import Refused, Unavailable

UNASKED = "The EVM node answered eth_getLogs with what was not asked for."


@dataclass(frozen=True, slots=True)
class Transfer:
    """One event of the contract. `log` is its number in the block; `value` only what the token says."""

    txid: str
    log: int
    to: str
    value: int
    height: int
    block_hash: str
    sender: str = ""

    @property
    def key(self) -> tuple[str, int, str]:
        return self.txid, self.log, self.block_hash


class Token:
    """`contract` keeps `currency`. At most `span` blocks are asked for at once."""

    def __init__(self, rpc: EvmRpc, contract: str, currency: str, *, span: int) -> None:
        self.rpc, self.contract, self.currency, self.span = rpc, contract, currency, span
        self.checked = False

    def check(self) -> None:
        """Once: Refused when there is no such token, or one that counts otherwise than our money does."""
        if self.checked:
            return
        answer = self.rpc.call("eth_call", {"to": self.contract, "data": DECIMALS}, "latest")
        if answer in {"0x", None}:
            raise Refused(f"There is no token at ERC20_CONTRACT={self.contract} on this chain.")
        if (found := word(answer)) != EXPONENT[self.currency]:
            raise Refused(
                f"The token at ERC20_CONTRACT={self.contract} has {found} decimals, {self.currency} has "
                f"{EXPONENT[self.currency]}. It is another one."
            )
        self.checked = True

    def transfers(self, addresses: Collection[str], low: int, high: int) -> Iterator[Transfer]:
        """All events of the blocks `low` to `high` that name one of `addresses` as the recipient."""
        wanted = {topic(address) for address in addresses}
        for found in self._events([TRANSFER, None, sorted(wanted)], low, high) if wanted else ():
            if topic(found.to) not in wanted:
                raise Unavailable(UNASKED)
            yield found

    def sent(self, addresses: Collection[str], low: int, high: int) -> Iterator[Transfer]:
        """The same, as the sender."""
        wanted = {topic(address) for address in addresses}
        for found in self._events([TRANSFER, sorted(wanted)], low, high) if wanted else ():
            if topic(found.sender) not in wanted:
                raise Unavailable(UNASKED)
            yield found

    def _events(self, topics: list[Any], low: int, high: int) -> Iterator[Transfer]:
        for start in range(low, high + 1, self.span):
            end = min(start + self.span - 1, high)
            asked = {"address": self.contract, "fromBlock": quantity(start), "toBlock": quantity(end)}
            for log in self.rpc.call("eth_getLogs", {**asked, "topics": topics}):
                found = transfer_of(log, self.contract)
                if found is None or not start <= found.height <= end:
                    raise Unavailable(UNASKED)
                yield found

    def balances(self, places: Sequence[tuple[str, int]]) -> list[int | None]:
        """What each address had after each block; none where the node no longer has that state."""
        calls: list[Call] = [
            ("eth_call", [{"to": self.contract, "data": BALANCE_OF + topic(address)[2:]}, quantity(height)])
            for address, height in places
        ]
        return [None if isinstance(answer, EvmError) else word(answer) for answer in self.rpc.attempts(calls)]

    def succeeded(self, transfers: Iterable[Transfer]) -> set[str]:
        """Which of their transactions did not fail. Unavailable when one is in another block meanwhile."""
        blocks = {transfer.txid: transfer.block_hash for transfer in transfers}
        answers = self.rpc.all([("eth_getTransactionReceipt", [txid]) for txid in blocks])
        found = dict(zip(blocks, answers, strict=True))
        for txid, answer in found.items():
            if answer is None or hash32(answer["blockHash"]) != blocks[txid]:
                raise Unavailable(f"The transaction {txid} changes its block just now. It will be looked at again.")
        return {txid for txid, answer in found.items() if number(answer["status"]) == 1}


def transfer_of(log: Any, contract: str) -> Transfer | None:
    """The transfer that a log of the chain tells of; none for other events, other contracts and undone ones."""
    topics = log["topics"]
    ours = str(log["address"]).lower() == contract.lower()
    if not ours or log.get("removed") or len(topics) != 3 or str(topics[0]).lower() != TRANSFER:
        return None
    word(topics[2])
    return Transfer(
        txid=hash32(log["transactionHash"]),
        log=number(log["logIndex"]),
        to=checksummed("0x" + topics[2][-40:]),
        value=word(log["data"]),
        height=number(log["blockNumber"]),
        block_hash=hash32(log["blockHash"]),
        sender="0x" + topics[1][-40:],
    )
