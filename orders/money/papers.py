"""A seller's statement to keep: as CSV for a spreadsheet, as PDF for a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from fx.format import format_money
from fx.money import Money, total
from marketplace.lib.clock import now
from marketplace.lib.pdf import Paper
from marketplace.lib.spreadsheet import line, plain
from orders.money.statement import Movement, Statement
from payments.ledger.export.table import decimal

MOST_ROWS = 2_000  # of a PDF; a spreadsheet has no such end
HEAD = ("at", "journal", "kind", "account", "why", "about", "amount", "balance", "currency", "matched", "note")


class TooLong(Exception):
    """More movements than a PDF is made of; the message says what to do."""


def as_csv(statement: Statement) -> Iterator[str]:
    """Opening, movements, closing, the oldest first. Amounts have a point and all decimals, no text is a formula.

    `matched`: what of a payout came in as its currency; `note` says it in words.
    """
    opening = closing = statement.account.opening()
    yield line(HEAD)
    yield line(_edge("opening", statement.period.start.isoformat(), opening))
    for one in statement.each(opening):
        closing = one.balance
        yield line(
            [one.at.isoformat(), *map(plain, (one.key, one.kind, one.part, one.why, one.about)), *_sums(one)],
        )
    yield line(_edge("closing", statement.period.end.isoformat(), closing))


def _edge(kind: str, at: str, balance: Money) -> list[str]:
    return [at, "", kind, "", "", "", "", decimal(balance), balance.currency, "", ""]


def _sums(one: Movement) -> list[str]:
    matched = "" if one.matched is None else decimal(one.matched)
    return [decimal(one.amount), decimal(one.balance), one.amount.currency, matched, plain(one.note)]


def as_pdf(statement: Statement, language: str) -> bytes:
    """TooLong when it would be a book."""
    opening = statement.account.opening()
    movements = list(islice(statement.each(opening), MOST_ROWS + 1))
    if len(movements) > MOST_ROWS:
        raise TooLong(
            _("More than %(most)d movements. Choose a shorter period, or take the CSV.") % {"most": MOST_ROWS}
        )
    closing = movements[-1].balance if movements else opening
    paper = _paper(statement, language)
    came = [one.amount for one in movements if one.amount.amount > 0]
    went = [one.amount for one in movements if one.amount.amount < 0]
    paper.facts(
        [
            (_("Shop"), statement.shop.name),
            (_("Period"), f"{statement.period}, UTC"),
            (_("Opening balance"), format_money(opening, language)),
            (_("Came in"), format_money(total(came, opening.currency), language)),
            (_("Went out"), format_money(total(went, opening.currency), language)),
            (_("Closing balance"), format_money(closing, language)),
        ]
    )
    paper.words(_explanation(), quiet=True)
    paper.heading(_("Movements"))
    _table(paper, movements, language)
    return paper.bytes()


def _explanation() -> str:
    return _(
        "The balance is what is payable, in reserve and asked for by banks, less what is owed. "
        "Money that is still held for a buyer is not in it."
    )


def _paper(statement: Statement, language: str) -> Paper:
    site, made = settings.SITE_HOST, now()
    paper = Paper(
        title=f"{_('Statement')} {statement.period}",
        head=f"{_('Statement')} · {site}",
        reference=f"{statement.shop.name} · {statement.period}",
        foot=_("Made on %(day)s from the books of %(site)s") % {"day": made.date().isoformat(), "site": site},
        as_of=made,
    )
    paper.set_lang(language)
    paper.title_line(f"{_('Statement')} {statement.period}")
    return paper


def _table(paper: Paper, movements: Sequence[Movement], language: str) -> None:
    if not movements:
        paper.words(_("Nothing moved."), quiet=True)
        return
    heads: Sequence[Any] = [_("Day"), _("What"), _("Account"), _("Amount"), _("Balance")]
    rows = [_row(one, language) for one in movements]
    if all(one.matched is None for one in movements):
        paper.rows(heads, rows, (20, 74, 28, 26, 26), right=(3, 4))
        return
    came = _("Of it came in as %(currency)s") % {"currency": movements[0].amount.currency}
    for row, one in zip(rows, movements, strict=True):
        row.append("" if one.matched is None else format_money(one.matched, language))
    paper.rows([*heads, came], rows, (19, 57, 24, 25, 25, 24), right=(3, 4, 5))


def _row(one: Movement, language: str) -> list[str]:
    what = " · ".join(filter(None, [one.why, one.about]))
    return [
        one.at.date().isoformat(),
        f"{what}. {one.note}" if one.note else what,
        one.account,
        format_money(one.amount, language),
        format_money(one.balance, language),
    ]
