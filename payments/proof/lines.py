"""What is hashed, byte for byte. The database's audit and docs/verifier/ compute the same from the same parts.

Every part is a netstring, `<bytes>:<text>,`: no two sequences of parts read alike. An entry is committed to with
a salt of its own: a proof can show some entries of a journal and keep others to itself, and nobody can guess those.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

GENESIS = "0" * 64
HEAD = "entrepot-head-1"


def parts(*texts: str) -> bytes:
    return b"".join(b"%d:%b," % (len(text), text) for text in (text.encode() for text in texts))


def hashed(*texts: str) -> str:
    return hashlib.sha256(parts(*texts)).hexdigest()


def moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def salt_of(salt: str, line: int) -> str:
    """The salt of one entry, from its journal's."""
    return hashed(salt, str(line))


def committed(salt: str, account: str, amount: int, currency: str) -> str:
    """One entry: `amount` in minor units, debit positive; `salt` is the entry's."""
    return hashed(salt, account, str(amount), currency)


def leaf(key: str, kind: str, ref: str, at: str, entries: Sequence[str]) -> str:
    """One journal; `entries` are committed to, in the order of their lines."""
    return hashed(key, kind, ref, at, *entries)


def linked(before: str, leaf: str) -> str:
    return hashed(before, leaf)


def head(day: str, position: int, digest: str, before: str) -> bytes:
    """What is signed; `before` is the digest of the head before."""
    return parts(HEAD, day, str(position), digest, before)
