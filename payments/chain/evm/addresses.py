"""An address per invoice from an account's public key: BIP 44 for Ethereum, m/44'/60'/0', external chain, `0/index`.

The server holds no private key: whoever takes it over can show other addresses, never spend.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from embit import bip32

from payments.chain.addresses import MAX_INDEX
from payments.chain.evm.words import keccak256
from payments.chain.keys import KeyRefused, public_key

# Account 0 of the public test words "abandon ... about", for demos and tests.
DEMO_XPUB = (
    "xpub6DCoCpSuQZB2jawqnGMEPS63ePKWkwWPH4TU45Q7LPXWuNd8TMtVxRrgjtEshuqpK3mdhaWHPFsBngh5GFZaM6si3yZdUsT8ddYM3PwnATt"
)
# Everybody knows the words of these: "abandon ... about" and "test ... junk". Their coins are gone at once.
PUBLIC_KEYS = frozenset(
    {
        DEMO_XPUB,
        "xpub6Ce9NcJvTk36xtLSrJLZqE7wtgA5deCeYs7rSQtreh4cj6ByPtrg9sD7V2FNFLPnf8heNP3FGkeV9qwfzvZNSd54JoNXVsXFYSYwHsnJxqP",
    }
)
ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Account:
    """The receiving half of one account key; the same on every EVM chain."""

    key: bip32.HDKey

    @classmethod
    def parse(cls, text: str) -> Account:
        """KeyRefused for anything but the account's xpub. The message never repeats a key that may be secret."""
        key = public_key(text, setting="ERC20_XPUB", kinds="xpub, m/44'/60'/0'")
        if text[:4] != "xpub":
            raise KeyRefused(f"ERC20_XPUB is a {text[:4]}. Export the account m/44'/60'/0' as xpub.")
        if key.depth != 3:
            raise KeyRefused(f"ERC20_XPUB is at depth {key.depth}, an account (m/44'/60'/0') is at 3.")
        return cls(key)

    def address(self, index: int) -> str:
        """The address at `0/index`; the same on every call."""
        if not 0 <= index <= MAX_INDEX:
            raise ValueError(f"Address index {index} is outside 0 to {MAX_INDEX}.")
        public = self.key.derive([0, index]).get_public_key()
        public.compressed = False
        return checksummed("0x" + keccak256(public.serialize()[1:])[-20:].hex())


def checksummed(address: str) -> str:
    """The address with the capitals of EIP 55, which are its checksum."""
    small = address[2:].lower()
    digest = keccak256(small.encode()).hex()
    letters = (c.upper() if int(nibble, 16) > 7 else c for c, nibble in zip(small, digest, strict=False))
    return "0x" + "".join(letters)


def is_address(text: str) -> bool:
    """Whether coins can be sent to `text`: all small, all capital, or with a right checksum; not to nobody."""
    if not ADDRESS.fullmatch(text) or text == NOBODY:
        return False
    letters = text[2:]
    return letters in {letters.lower(), letters.upper()} or text == checksummed(text)
