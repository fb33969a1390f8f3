"""Extended public keys as operators configure them. What is derived from one is each chain's own."""

from __future__ import annotations

from embit import bip32


class KeyRefused(ValueError):
    """The configured key cannot be used. The message never repeats a key that may be secret."""


def public_key(text: str, *, setting: str, kinds: str) -> bip32.HDKey:
    """The key in `text`; KeyRefused, which names `setting` and the `kinds` to export, where it is none or private."""
    if text[1:4] == "prv":
        raise KeyRefused(
            f"{setting} holds a PRIVATE key. Take it off this server, move its coins, "
            f"and configure the account's public key ({kinds})."
        )
    try:
        key = bip32.HDKey.from_string(text)
    except Exception as error:  # embit raises many kinds, all mean the same
        raise KeyRefused(
            f"{setting} starting {text[:4]!r} with {len(text)} characters is no extended public key. "
            "Copy it again; its last characters are a checksum."
        ) from error
    if key.is_private:
        raise KeyRefused(f"{setting} holds a PRIVATE key. Configure the account's public key.")
    return key
