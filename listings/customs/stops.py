"""What may not be sold or sent: embargoed countries (a file) and restricted goods (rows that the operator keeps).

They name no law of a single case: a `block` refuses, a `permit` or `warn` is told to seller
and moderator. A block that the row itself calls uncertain is a warning, because nobody should
lose a sale to a guess. Words in a title refuse only where the row gives no class of goods
(counterfeits); else (a glue gun is no gun) they warn. Each row names its source and, by a word of
`ADVICE`, what can be done. The rows are kept in the process with the rule book.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from django.utils.translation import gettext as _

from listings.customs.restriction import Stop
from listings.customs.rules import Book, rulebook
from marketplace.lib.embargoes import embargoes as table


@cache
def embargoes() -> dict[str, Stop]:
    """Country code -> the stop on anything to or from it."""
    return {
        code: Stop("block" if one.blocks else "warn", one.reason, f"{code}, {one.binds}", one.source, "embargo")
        for code, one in table().items()
    }


def blocked_countries() -> set[str]:
    return {code for code, stop in embargoes().items() if stop.level == "block"}


def stopped(hs_code: str, title: str, origin: str, destination: str, book: Book | None = None) -> Stop | None:
    """Why these goods may not go from the seller's country `origin` to `destination`; None: they may.

    Without a `book` it takes the rule book in force.
    """
    book = book or rulebook()
    for country in (origin, destination):
        embargo = embargoes().get(country)
        if embargo is not None and embargo.level == "block":
            reason = _("No trade with %(country)s: %(reason)s.")
            return replace(embargo, reason=reason % {"country": country, "reason": embargo.reason})
    for row in book.blocks:
        if row.matches(hs_code, title) and row.reaches(origin, destination, book):
            reason = _("“%(title)s” may not be sent to %(country)s: %(reason)s.")
            named = {"title": title, "country": destination, "reason": row.reason}
            return row.stop("block", reason % named)
    return None


def blocked_classes(destination: str, book: Book) -> tuple[str, ...]:
    """HS prefixes that may not enter `destination` from a country outside its union."""
    rows = (row for row in book.blocks if row.reaches("", destination, book))
    return tuple(prefix for row in rows for prefix in row.prefixes)


def warnings(hs_code: str, title: str) -> Iterator[Stop]:
    """What a seller and a moderator should know about goods of that class or name, for the world or one destination."""
    for row in rulebook().restrictions:
        here = "" if row.scope == "*" else f"{row.scope}: "
        if row.matches(hs_code, title):
            yield row.stop(row.level, here + row.reason + ".")
        elif row.scope == "*" and row.names(title):
            yield row.stop("warn", here + row.reason + ".")
