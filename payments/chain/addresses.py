"""An address per invoice from an account's public key: BIP 84, native segwit, `0/index`.

The server holds no private key: whoever takes it over can show other addresses, never spend.
"""

from __future__ import annotations

from dataclasses import dataclass

from embit import base58, bech32, bip32, script
from embit.descriptor.checksum import add_checksum
from embit.networks import NETWORKS

from payments.chain.keys import KeyRefused, public_key

# Account 0 of the public test words "abandon ... about" (BIP 39's first vector), for demos and tests.
DEMO_TPUB = (
    "tpubDC8msFGeGuwnKG9Upg7DM2b4DaRqg3CUZa5g8v2SRQ6K4NSkxUgd7HsL2XVWbVm39yBA4LAxysQAm397zwQSQoQgewGiYZqrA9DsP4zbQ1M"
)
KINDS = {"main": ("xpub", "zpub"), **dict.fromkeys(("test", "signet", "regtest"), ("tpub", "vpub"))}
MAX_INDEX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Account:
    """The receiving half of one account key on one network."""

    key: bip32.HDKey
    network: str

    @classmethod
    def parse(cls, text: str, network: str) -> Account:
        """`text` is xpub or zpub on main, tpub or vpub elsewhere; KeyRefused for anything else."""
        kinds = KINDS.get(network)
        if kinds is None:
            raise KeyRefused(f"Bitcoin network {network!r} is none of {', '.join(KINDS)}.")
        key = public_key(text, setting="BITCOIN_XPUB", kinds="xpub, zpub; tpub on test networks")
        if text[:4] not in kinds:
            raise KeyRefused(
                f"A {text[:4]} is not a native segwit account of Bitcoin's {network} network. "
                f"Export the account (BIP 84, m/84'/…) as {' or '.join(kinds)}."
            )
        return cls(key, network)

    def address(self, index: int) -> str:
        """The address at `0/index`; the same on every call."""
        if not 0 <= index <= MAX_INDEX:
            raise ValueError(f"Address index {index} is outside 0 to {MAX_INDEX}.")
        child = self.key.derive([0, index])
        return str(script.p2wpkh(child).address(NETWORKS[self.network]))

    @property
    def descriptor(self) -> str:
        """All addresses of this account for a watch-only wallet, with the checksum nodes ask for."""
        key = self.key.to_base58(version=NETWORKS[self.network]["xpub"])
        return str(add_checksum(f"wpkh({key}/0/*)"))


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
