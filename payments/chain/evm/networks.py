"""EVM chains by their number: what people call them, and where USDC's maker says that it is on them."""

from __future__ import annotations

from django.utils.translation import gettext as _

# developers.circle.com/stablecoins/usdc-contract-addresses, read on 2026-11-22.
USDC = {
    1: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
    10: "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85",
    137: "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359",
    8453: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
    42161: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
    43114: "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E",
}
NAMES = {
    1: "Ethereum",
    10: "OP Mainnet",
    137: "Polygon",
    8453: "Base",
    42161: "Arbitrum One",
    43114: "Avalanche C-Chain",
    11155111: "Sepolia",
    84532: "Base Sepolia",
}
PLAY = frozenset({1337, 31337})  # chains of a developer's machine, which make a block when there is something to do
TESTS = frozenset({11155111, 84532})


def name_of(chain_id: int) -> str:
    """What wallets call the network."""
    if chain_id in PLAY:
        return _("a test chain on this machine")
    return NAMES.get(chain_id) or _("EVM chain %(number)s") % {"number": chain_id}


def is_play(chain_id: int) -> bool:
    """Whether its coins are worth nothing."""
    return chain_id in PLAY | TESTS
