"""Public names: short enough to read out, random enough not to be guessed in a row."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0 O 1 I L U


def new_number() -> str:
    """An order number such as `K7QM-2XWD-R4`: about 49 random bits."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def new_token() -> str:
    """128 random bits in hex: whoever has it may see the guest's order."""
    return secrets.token_hex(16)
