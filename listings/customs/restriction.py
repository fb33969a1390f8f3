"""One restriction of goods, and the stop that it is for somebody. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from listings.customs.advice import ADVICE
from listings.customs.rule import RuleBook

BLOCKS = {"block", "block_post"}
COLUMNS = ("scope", "prefixes", "words", "rule", "reason", "remedy", "confidence", "source")


@dataclass(frozen=True, slots=True)
class Stop:
    """Why goods cannot go (`level` block), or what to mind (permit, warn).

    `rule` says whom or what the row of the table is about, `remedy` is a word of `ADVICE`.
    """

    level: str
    reason: str
    rule: str = ""
    source: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        return self.reason

    @property
    def told(self) -> str:
        """The reason with what can be done, the rule and its source: for whoever is stopped."""
        known = _("(Rule: %(rule)s. Source: %(source)s.)") % {"rule": self.rule, "source": self.source}
        return f"{self.reason} {ADVICE[self.remedy]} {known}"


@dataclass(frozen=True, slots=True)
class Restriction:
    """One row of `RestrictedGoods`: `scope` is a country, `EU` or `*`; `prefixes` of HS codes, or none."""

    scope: str
    prefixes: tuple[str, ...]
    words: tuple[str, ...]
    rule: str
    reason: str
    remedy: str
    confidence: str
    source: str

    @property
    def named(self) -> str:
        """Whom and what the row is about, like `EU, HS 02, 04`."""
        about = f"HS {', '.join(self.prefixes)}" if self.prefixes else ", ".join(f"“{word}”" for word in self.words)
        where = _("all countries") if self.scope == "*" else self.scope
        return f"{where}, {about}"

    def stop(self, level: str, reason: str) -> Stop:
        return Stop(level, reason, self.named, self.source, self.remedy)

    @property
    def level(self) -> str:
        if self.rule in BLOCKS:
            return "warn" if self.confidence == "low" else "block"
        return self.rule

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Restriction:
        prefixes, words = (tuple(filter(None, row[name].split(";"))) for name in ("prefixes", "words"))
        rest = (row[name] for name in ("rule", "reason", "remedy", "confidence", "source"))
        return cls(row["scope"], prefixes, words, *rest)

    def reaches(self, origin: str, destination: str, book: RuleBook) -> bool:
        """`EU` rows guard its outer border; what the post refuses across borders may go inside one."""
        if self.rule == "block_post" and origin == destination:
            return False
        if self.scope == "EU":
            return book.is_member(destination) and not book.is_member(origin)
        return self.scope in ("*", destination)

    def matches(self, hs_code: str, title: str) -> bool:
        if self.prefixes:
            return hs_code.startswith(self.prefixes)
        return self.scope == "*" and self.names(title)

    def names(self, title: str) -> bool:
        return any(re.search(rf"\b{re.escape(w)}\b", title, re.IGNORECASE) for w in self.words)
