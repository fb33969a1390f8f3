"""Texts in the characters that every bank takes: the Latin set that SWIFT and the European Payments Council name."""

from __future__ import annotations

import unicodedata

LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
# Letters that are no base letter with an accent, and signs with a plain twin: those that Unicode does not take apart.
_SPELLED = {
    "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ŧ": "t", "Ŧ": "T",
    "ə": "e", "Ə": "E", "&": "+", "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "`": "'", "´": "'", "–": "-", "—": "-",
    "‐": "-", "_": "-",
}  # fmt: skip
SPELLED = str.maketrans(_SPELLED)


def latin(text: str, longest: int) -> str:
    """`text` in the characters banks take: accents dropped, what has no Latin letter left out.

    It begins with no `/`, `-` or `:`, which older formats take for a field of their own, and holds no `//`.
    """
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    kept = " ".join("".join(char if char in LATIN else " " * char.isspace() for char in plain).split())
    while "//" in kept:
        kept = kept.replace("//", "/")
    return kept.lstrip("/-: ")[:longest].rstrip("/ ")
