"""A file of names and addresses, one on a line, that the operator keeps: SCREENING_LIST. `#` begins a comment.

A name of several words matches whoever has all of them in any order, accents and case aside; anything without a blank
(an address, an IBAN, a single name) matches only as a whole.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from payments.screening.base import Payee, ScreeningProvider, ScreeningUnavailable


class ListScreening(ScreeningProvider):
    slug: ClassVar[str] = "list"
    offline: ClassVar[bool] = True

    def screen(self, payee: Payee) -> str:
        if not settings.SCREENING_LIST:
            return ""
        people = [_words(name) for name in payee.names]
        whole = {_plain(text) for text in (*payee.names, payee.destination) if text}
        hits = [
            line
            for line, words in _entries(settings.SCREENING_LIST)
            if _plain(line) in whole or (len(words) > 1 and any(words <= person for person in people))
        ]
        return "; ".join(hits)


def _entries(path: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The lines of the file as it is now. ScreeningUnavailable when it cannot be read."""
    try:
        return _read(path, Path(path).stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as error:
        raise ScreeningUnavailable(f"SCREENING_LIST={path}: {error}") from error


@lru_cache(maxsize=1)
def _read(path: str, changed: int) -> tuple[tuple[str, frozenset[str]], ...]:
    lines = (line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return tuple((line, _words(line)) for line in lines if line)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _plain(text)))


def _plain(text: str) -> str:
    """Without accents, case and doubled blanks; other scripts stay as they are."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.split())
