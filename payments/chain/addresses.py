"""An address per invoice from an account's public key: BIP 84, native segwit, `0/index`; change goes to `1/index`.

The server holds no private key: whoever takes it over can show other addresses, never spend.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from embit import base58, bech32, bip32, ec, script
from embit.descriptor.checksum import add_checksum
from embit.networks import NETWORKS

from payments.chain.keys import KeyRefused, public_key

# Account 0 of the public test words "abandon ... about" (BIP 39's first vector), for demos and tests.
DEMO_TPUB = (
    "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M"
)
KINDS = {"main": ("xpub", "zpub"), **dict.fromkeys(("test", "signet", "regtest"), ("tpub", "vpub"))}
MAX_INDEX = 2**31 - 1
HARDENED = 2**31
ORIGIN = re.compile(r"\[(?P<print>[0-9a-fA-F]{8})(?P<path>(/[0-9]{1,10}(h|'|))*)\](?P<key>.*)")


@dataclass(frozen=True, slots=True)
class Account:
    """One account key on one network. `fingerprint` and `path` say where it comes from, for the wallet that signs."""

    key: bip32.HDKey
    network: str
    fingerprint: bytes = b""
    path: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str, network: str) -> Account:
        """`text` is xpub or zpub on main, tpub or vpub elsewhere; KeyRefused for anything else.

        It may begin with its origin, `[d34db33f/84h/0h/0h]`, as wallets export it: fingerprint of the master, path.
        """
        fingerprint, path, text = _origin(text)
        kinds = KINDS.get(network)
        if kinds is None:
            raise KeyRefused(f"Bitcoin network {network!r} is none of {', '.join(KINDS)}.")
        key = public_key(text, setting="BITCOIN_XPUB", kinds="xpub, zpub; tpub on test networks")
        if text[:4] not in kinds:
            raise KeyRefused(
                f"A {text[:4]} is not a native segwit account of Bitcoin's {network} network. "
                f"Export the account (BIP 84, m/84'/…) as {' or '.join(kinds)}."
            )
        return cls(key, network, fingerprint or key.my_fingerprint, path)

    def address(self, index: int, branch: int = 0) -> str:
        """The address at `branch/index`; the same on every call."""
        if not 0 <= index <= MAX_INDEX:
            raise ValueError(f"Address index {index} is outside 0 to {MAX_INDEX}.")
        child = self.key.derive([branch, index])
        return str(script.p2wpkh(child).address(NETWORKS[self.network]))

    def public_key(self, branch: int, index: int) -> ec.PublicKey:
        return self.key.derive([branch, index]).get_public_key()

    @property
    def descriptor(self) -> str:
        """All addresses of this account for a watch-only wallet, with the checksum nodes ask for."""
        return self._descriptor(0)

    @property
    def change_descriptor(self) -> str:
        """The same of its change."""
        return self._descriptor(1)

    def _descriptor(self, branch: int) -> str:
        key = self.key.to_base58(version=NETWORKS[self.network]["xpub"])
        return str(add_checksum(f"wpkh({key}/{branch}/*)"))


def _origin(text: str) -> tuple[bytes, tuple[int, ...], str]:
    """The master's fingerprint and the path in front of a key, and the key."""
    found = ORIGIN.fullmatch(text)
    if found is None:
        return b"", (), text
    steps = (re.fullmatch(r"([0-9]+)(h|'|)", step) for step in found["path"].split("/")[1:])
    path = tuple(int(step[1]) + (HARDENED if step[2] else 0) for step in steps if step)
    return bytes.fromhex(found["print"]), path, found["key"]


def script_of(address: str) -> bytes:
    """The output script that pays `address`."""
    return bytes(script.address_to_scriptpubkey(address).data)


def is_address(text: str, network: str) -> bool:
    """Whether coins of `network` can be sent to `text`: its checksum holds and it is of that network."""
    net = NETWORKS[network]
    if not text.isascii() or len(text) > 100:
        return False
    if text.lower().startswith(net["bech32"] + "1"):
        version, program = bech32.decode(net["bech32"], text)
        return (version, len(program or ())) in {(0, 20), (0, 32), (1, 32)}
    try:
        data = base58.decode_check(text)
    except Exception:  # embit raises many kinds, all mean the same
        return False
    return len(data) == 21 and data[:1] in {net["p2pkh"], net["p2sh"]}
