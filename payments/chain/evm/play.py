"""Play money on a developer's chain (anvil): a token that is put there when it is missing, and made for who asks."""

from __future__ import annotations

from fx.money import Money
from payments.chain.evm.networks import PLAY
from payments.chain.evm.playdollar import PLAY_CODE, PLAY_CONTRACT
from payments.chain.evm.source import Erc20Source
from payments.chain.evm.words import keccak256, number, quantity, topic
from payments.chain.source import Tip
from payments.processors.base import Refused

MINT = "0x" + keccak256(b"mint(address,uint256)")[:4].hex()
UNSETTLED = 3  # blocks, after which anvil calls one final (--slots-in-an-epoch 1)


class PlaySource(Erc20Source):
    """The same, with the demo's token at `PLAY_CONTRACT`."""

    there = False

    def tip(self) -> Tip:
        if not self.there:
            self._put()
        return super().tip()

    def send(self, address: str, amount: Money) -> str:
        """Make play money for `address`; returns the transaction's id."""
        self.tip()  # refuses a node on another chain
        [purse, *_] = self.node.rpc.call("eth_accounts")
        data = MINT + topic(address)[2:] + f"{amount.amount:064x}"
        return str(self.node.rpc.call("eth_sendTransaction", {"from": purse, "to": PLAY_CONTRACT, "data": data}))

    def tick(self) -> None:
        """A block on top of a transaction that is not final yet; a quiet chain stays as it is."""
        latest = number(self.node.rpc.call("eth_blockNumber"))
        heights = range(max(0, latest - UNSETTLED + 1), latest + 1)
        counts = self.node.rpc.all([("eth_getBlockTransactionCountByNumber", [quantity(height)]) for height in heights])
        if any(number(count) for count in counts):
            self.node.rpc.call("evm_mine")

    def _put(self) -> None:
        chain = number(self.node.rpc.call("eth_chainId"))
        if chain not in PLAY:
            raise Refused(f"There is no play money on chain {chain}.")
        if self.node.rpc.call("eth_getCode", PLAY_CONTRACT, "latest") == "0x":
            self.node.rpc.call("anvil_setCode", PLAY_CONTRACT, PLAY_CODE)
        self.there = True
