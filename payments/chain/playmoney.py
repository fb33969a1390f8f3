"""Test coins for the demo and for tests: from the play chain, or made on a test node. Never anything of worth."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from fx.money import Money
from marketplace.lib.clock import now
from payments.chain.core import Core
from payments.chain.demo import DemoChain
from payments.chain.evm.play import PlaySource
from payments.chain.rpc import Wallet
from payments.processors.base import Refused
from payments.processors.coin import Coin

WALLET = "entrepot-demo-buyer"
BLOCK_SECONDS = 20
RIPENING = 101  # blocks until the first mined coins can be spent


def send(processor: Coin, address: str, amount: Money) -> str:
    """Pay `amount` to `address` from the demo's purse; returns the transaction's id."""
    _only_in_the_sandbox()
    if isinstance(processor.source, DemoChain):
        return processor.source.send(address, amount.amount)
    if isinstance(processor.source, PlaySource):
        return processor.source.send(address, amount)
    purse = _purse(processor)
    _ripen(purse)
    options = {"address": address, "amount": f"{amount.decimal:.8f}", "fee_rate": 2}
    return str(purse.rpc.named("sendtoaddress", options, wallet=purse.name))


def tick(processor: Coin) -> None:
    """Mine a block when the latest is `BLOCK_SECONDS` old. The play chain's blocks come by themselves."""
    _only_in_the_sandbox()
    if isinstance(processor.source, PlaySource):
        processor.source.tick()
    if not _has_a_regtest_node(processor):
        return
    purse = _purse(processor)
    _ripen(purse)
    best = purse.rpc.call("getblockheader", purse.rpc.call("getbestblockhash"))
    if now().timestamp() - best["time"] >= BLOCK_SECONDS:
        _mine(purse, 1)


def available(processor: Coin) -> bool:
    """Whether test coins can be sent here."""
    ours = isinstance(processor.source, DemoChain | PlaySource)
    return settings.SANDBOX and (ours or _has_a_regtest_node(processor))


def _has_a_regtest_node(processor: Coin) -> bool:
    return isinstance(processor.source, Core) and processor.source.network == "regtest"


def _purse(processor: Coin) -> Wallet:
    if not isinstance(processor.source, Core) or not _has_a_regtest_node(processor):
        raise Refused(f"There are no test coins on {processor.chain}. Send real ones from a wallet.")
    processor.source.tip()  # refuses a node on another network
    return Wallet(processor.source.rpc, WALLET, {})


def _ripen(purse: Wallet) -> None:
    if purse.rpc.call("getblockcount") < RIPENING or not purse.call("getbalance"):
        _mine(purse, RIPENING)


def _mine(purse: Wallet, blocks: int) -> None:
    address = purse.call("getnewaddress", "", "bech32")
    purse.rpc.call("generatetoaddress", blocks, address, timeout=60)


def _only_in_the_sandbox() -> None:
    if not settings.SANDBOX:
        raise ImproperlyConfigured("Test coins exist in the demo and in tests only.")
