"""Text of one line, as people type names: it ends up in subjects of letters, in labels and beside prices."""

from __future__ import annotations

import unicodedata

# Marks that turn the direction of what follows them: a name must not reorder the page around it.
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """`text` without line breaks, control and direction characters, single blanks between words; may be empty."""
    words = " ".join(text.split())
    return "".join(c for c in words if unicodedata.category(c) != "Cc" and c not in TURNING).strip()
