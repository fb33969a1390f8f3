"""What may not be sold or sent: embargoed countries and restricted goods, from two short tables.

The tables name no law of a single case: a `block` refuses, a `permit` or `warn` is told to seller
and moderator. A block that the table itself calls uncertain is a warning, because nobody should
lose a sale to a guess. Words in a title refuse only where the table gives no class of goods
(counterfeits); else (a glue gun is no gun) they warn. Each row names its source and, by a word of
`ADVICE`, what can be done.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from django.utils.translation import gettext as _

from listings.customs.advice import ADVICE
from listings.customs.rules import RuleBook, rulebook
from listings.customs.seed import DATA
from marketplace.lib.embargoes import embargoes as table

BLOCKS = {"block", "block_default", "block_post"}


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
    """One row of restricted_goods.csv: `scope` is a country, `EU` or `*`; `prefixes` of HS codes, or none."""

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


@cache
def restrictions() -> tuple[Restriction, ...]:
    with (DATA / "restricted_goods.csv").open(newline="", encoding="utf-8") as file:
        return tuple(
            Restriction(
                row["scope"],
                tuple(p for p in row["hs_prefix"].split(";") if p and p != "*"),
                tuple(filter(None, row["keywords_en"].split(";"))),
                row["rule"],
                row["reason"],
                row["remedy"],
                row["confidence"],
                row["source"],
            )
            for row in csv.DictReader(file)
        )


@cache
def blocks() -> tuple[Restriction, ...]:
    return tuple(row for row in restrictions() if row.level == "block")


@cache
def embargoes() -> dict[str, Stop]:
    """Country code -> the stop on anything to or from it."""
    return {
        code: Stop("block" if one.blocks else "warn", one.reason, f"{code}, {one.binds}", one.source, "embargo")
        for code, one in table().items()
    }


def blocked_countries() -> set[str]:
    return {code for code, stop in embargoes().items() if stop.level == "block"}


def stopped(hs_code: str, title: str, origin: str, destination: str, book: RuleBook | None = None) -> Stop | None:
    """Why these goods may not go from the seller's country `origin` to `destination`; None: they may.

    Without a `book` it takes the rule book in force.
    """
    book = book or rulebook()
    for country in (origin, destination):
        embargo = embargoes().get(country)
        if embargo is not None and embargo.level == "block":
            reason = _("No trade with %(country)s: %(reason)s.")
            return replace(embargo, reason=reason % {"country": country, "reason": embargo.reason})
    for row in blocks():
        if row.matches(hs_code, title) and row.reaches(origin, destination, book):
            reason = _("“%(title)s” may not be sent to %(country)s: %(reason)s.")
            named = {"title": title, "country": destination, "reason": row.reason}
            return row.stop("block", reason % named)
    return None


def blocked_classes(destination: str, book: RuleBook) -> tuple[str, ...]:
    """HS prefixes that may not enter `destination` from a country outside its union."""
    rows = (row for row in blocks() if row.reaches("", destination, book))
    return tuple(prefix for row in rows for prefix in row.prefixes)


def warnings(hs_code: str, title: str) -> Iterator[Stop]:
    """What a seller and a moderator should know about goods of that class or name, for the world or one destination."""
    for row in restrictions():
        here = "" if row.scope == "*" else f"{row.scope}: "
        if row.matches(hs_code, title):
            yield row.stop(row.level, here + row.reason + ".")
        elif row.scope == "*" and row.names(title):
            yield row.stop("warn", here + row.reason + ".")
