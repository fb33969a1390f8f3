"""USDC on one EVM chain, without anyone in between. The buyer pays the network's fee; nobody takes a share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from fx.models import Quote
from fx.money import Money
from payments.chain.book import DatabaseBook
from payments.chain.demo import DemoChain
from payments.chain.evm.addresses import DEMO_XPUB, PUBLIC_KEYS, Account, checksummed, is_address
from payments.chain.evm.networks import PLAY, USDC, is_play, name_of
from payments.chain.evm.node import Node
from payments.chain.evm.play import PlaySource
from payments.chain.evm.playdollar import PLAY_CONTRACT
from payments.chain.evm.rpc import EvmRpc
from payments.chain.evm.sent import Sending, verify
from payments.chain.evm.source import Erc20Source
from payments.chain.evm.token import Token
from payments.chain.evm.words import hash32, transfer_data
from payments.chain.source import ChainSource
from payments.processors.base import Can, Outcome, Refused, Update
from payments.processors.coin import Coin

FINALIZED = "finalized"
CLOCKS_DIFFER = dt.timedelta(minutes=2)  # the chain's and ours


class Erc20(Coin):
    """Config: `xpub`, `chain_id`, `contract` (empty: USDC's own there), `source` (node, demo), `url`, `first_index`;
    `confirmations`: a number, or `finalized` for what the chain itself calls final; `log_blocks`, asked for at once.
    """

    slug: ClassVar[str] = "erc20"
    label: ClassVar[str] = "USDC"
    currency: ClassVar[str] = "USDC"
    least: ClassVar[int] = 100_000
    dust: ClassVar[int] = 10_000  # a cent
    can: ClassVar[Can] = Can.POLL | Can.CANCEL | Can.VERIFY

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.account = account_from(config)
        self.chain_id, self.contract = int(config["chain_id"]), _contract(config)
        self.chain = f"eip155:{self.chain_id}/erc20:{self.contract.lower()}"  # CAIP-19
        self._by_depth, self.confirmations = _finality(str(config["confirmations"]))
        first = config.get("first_index", 0)
        book = DatabaseBook(self.chain, self.account.address, depth=self._depth, first=first, shared="eip155:")
        super().__init__(config, book=book, source=self._source(config, book))

    @property
    def network(self) -> str:
        return name_of(self.chain_id)

    @property
    def place(self) -> Mapping[str, Any]:
        return {"chain_id": self.chain_id, "contract": self.contract}

    @property
    def by_depth(self) -> bool:
        return self._by_depth

    @property
    def play(self) -> bool:
        return is_play(self.chain_id) or isinstance(self.source, DemoChain)

    def uri(self, address: str, amount: Money) -> str:
        """EIP 681: a call of the contract, on this chain alone."""
        return f"ethereum:{self.contract}@{self.chain_id}/transfer?address={address}&uint256={amount.amount}"

    @property
    def note(self) -> str:
        return _("On %(network)s only.") % {"network": self.network}

    @property
    def destination_label(self) -> str:
        return _("Your address on %(network)s") % {"network": self.network}

    def accepts_destination(self, destination: str) -> bool:
        """Not the contract itself either: what it is sent is lost."""
        return is_address(destination) and destination.lower() != self.contract.lower()

    def instructions(self, money: Money, destination: str) -> Mapping[str, str]:
        """The call that a wallet signs: nothing is signed here."""
        return {
            _("Chain id"): str(self.chain_id),
            _("To (the contract, value 0)"): self.contract,
            _("Data"): transfer_data(destination, money.amount),
            _("As a link for wallets"): self.uri(destination, money),
        }

    def verify_sent(
        self, reference: str, money: Money, *, destination: str, since: dt.datetime, kind: str = "refund"
    ) -> Update | None:
        if money.currency != self.currency:
            raise Refused(f"{self.slug} sends {self.currency}, not {money}.")
        try:
            txid = hash32(reference.strip())
        except ValueError:
            message = f"{reference.strip()[:80]!r} is no transaction id: 0x and 64 digits from 0 to f."
            return Update(kind, reference.strip(), Outcome.FAILED, money, message=message)
        if not isinstance(self.source, Erc20Source):
            return Update(kind, txid, Outcome.SUCCEEDED, money)  # the play chain has nothing to look at
        sending = Sending(money, destination, since - CLOCKS_DIFFER, self.confirmations)
        found = verify(self.source.node, self.source.token, txid, sending)
        return None if found is None else Update(kind, txid, found[0], money, message=found[1])

    def _depth(self, quote: Quote) -> int:
        return self.confirmations

    def _source(self, config: Mapping[str, Any], book: DatabaseBook) -> ChainSource:
        if config["source"] == "demo":
            return DemoChain()
        if config["source"] != "node":
            raise Refused(f"ERC20_SOURCE={config['source']!r} is none of node, demo.")
        rpc = EvmRpc(config["url"])
        node = Node(rpc, self.chain_id, by_depth=self._by_depth)
        token = Token(rpc, self.contract, self.currency, span=int(config["log_blocks"]))
        play = self.chain_id in PLAY and self.contract == PLAY_CONTRACT
        return (PlaySource if play else Erc20Source)(node, token, known=book.counted)


def account_from(config: Mapping[str, Any]) -> Account:
    """The configured account. Where none is set, the public test account, but only on a chain of play money."""
    if config["xpub"] in PUBLIC_KEYS and config["chain_id"] not in PLAY:
        raise Refused("ERC20_XPUB is a test account whose words everybody knows. Configure your own.")
    return Account.parse(config["xpub"] or (DEMO_XPUB if config["chain_id"] in PLAY else ""))


def _contract(config: Mapping[str, Any]) -> str:
    """The configured contract; where none is set, the one that is known of the chain."""
    known = PLAY_CONTRACT if config["chain_id"] in PLAY else USDC.get(config["chain_id"], "")
    if not config["contract"]:
        if not known:
            raise Refused(f"ERC20_CONTRACT is not set, and no USDC is known on chain {config['chain_id']}.")
        return known
    if not is_address(config["contract"]):
        raise Refused(
            f"ERC20_CONTRACT={config['contract']!r} is no address: 0x and 40 digits; capitals are a checksum."
        )
    return checksummed(config["contract"])


def _finality(confirmations: str) -> tuple[bool, int]:
    """Whether depth alone decides, and which depth."""
    if confirmations == FINALIZED:
        return False, 1
    if not confirmations.isdecimal() or not 1 <= int(confirmations) <= 10_000:
        raise Refused(f"ERC20_CONFIRMATIONS={confirmations!r} is neither a number from 1 to 10000 nor {FINALIZED}.")
    return True, int(confirmations)
