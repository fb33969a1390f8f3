"""Payments in USDC, made without a checkout: what the tests of EVM chains start from."""

from __future__ import annotations

import itertools

from embit import bip32, bip39

from fx.money import Money
from payments.models import Payment
from payments.processors.erc20 import Erc20
from tests.payments import coins

DEMO = {
    "xpub": "",
    "chain_id": 31337,
    "contract": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    "source": "demo",
    "url": "",
    "confirmations": "finalized",
    "log_blocks": 2000,
}
numbers = itertools.count(1)


def account() -> str:
    """The public key of an account that nobody else in this run has: the database forgets, the chain does not."""
    root = bip32.HDKey.from_seed(bip39.mnemonic_to_seed("abandon " * 11 + "about"))
    return str(root.derive(f"m/44h/60h/{next(numbers)}h").to_public().to_base58())


def dollars(minor: int) -> Money:
    return Money(minor, "USDC")


def asked(processor: Erc20, minor: int) -> Payment:
    """A payment worth EUR 40.00 whose address is shown to the buyer."""
    made = coins.payment(minor, currency="EUR", coin="USDC", processor="erc20")
    return coins.shown(processor, made)
