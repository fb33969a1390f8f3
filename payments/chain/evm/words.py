"""What an EVM chain writes: numbers, hashes, addresses and a contract's words. ValueError for anything else."""

from __future__ import annotations

import re
from typing import Any

from Crypto.Hash import keccak

HEX = re.compile(r"0x[0-9a-f]+", re.IGNORECASE)


def keccak256(data: bytes) -> bytes:
    """The hash of this world, which is not the SHA-3 of the standard."""
    return bytes(keccak.new(digest_bits=256, data=data).digest())


# What a token's `Transfer(from, to, value)` is called in the log, and the first bytes of calls.
TRANSFER = "0x" + keccak256(b"Transfer(address,address,uint256)").hex()
BALANCE_OF = "0x" + keccak256(b"balanceOf(address)")[:4].hex()
DECIMALS = "0x" + keccak256(b"decimals()")[:4].hex()


def number(text: Any) -> int:
    """A quantity, like 0x2a."""
    if not isinstance(text, str) or not HEX.fullmatch(text) or len(text) > 66:
        raise ValueError(f"{str(text)[:80]!r} is no quantity.")
    return int(text, 16)


def word(text: Any) -> int:
    """One word of 32 bytes as a number; what a call returns first."""
    if not isinstance(text, str) or not HEX.fullmatch(text) or len(text) != 66:
        raise ValueError(f"{str(text)[:80]!r} is no word of 32 bytes.")
    return int(text, 16)


def hash32(text: Any) -> str:
    """The hash of a block or a transaction, in small letters."""
    word(text)
    return str(text).lower()


def topic(address: str) -> str:
    """An address as a word, as it is looked for in logs."""
    return "0x" + address[2:].lower().rjust(64, "0")


def quantity(value: int) -> str:
    return hex(value)


def transfer_data(to: str, value: int) -> str:
    """The call `transfer(to, value)` of a token, as a wallet signs it."""
    return "0x" + keccak256(b"transfer(address,uint256)")[:4].hex() + topic(to)[2:] + f"{value:064x}"
