"""An invoice and a credit note as papers, in the language of the seller."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from fx.format import format_money
from marketplace.lib.pdf import Paper as Sheet
from marketplace.lib.places import country_name
from orders.invoices import words
from orders.receipts.body import read

Body = dict[str, Any]


def write_invoice(body: Body, *, number: str, at: dt.datetime, language: str) -> bytes:
    """The same body, number and time give the same bytes."""
    with translation.override(language):
        return _Writer(body, language).invoice(number, at)


def write_credit(body: Body, *, number: str, at: dt.datetime, language: str) -> bytes:
    with translation.override(language):
        return _Writer(body, language).credit(number, at)


class _Writer:
    def __init__(self, body: Body, language: str) -> None:
        self.body, self.language = body, language

    def invoice(self, number: str, at: dt.datetime) -> bytes:
        body = self.body
        sheet = self._sheet(_("Invoice %(number)s") % {"number": number}, at)
        sheet.facts([*self._parties(at), (_("Services"), f"{self._day(body['since'])} – {self._day(body['until'])}")])
        sheet.heading(_("Commission on your sales"))
        heads = [
            _("Order"),
            _("Ordered"),
            _("Released"),
            _("Goods"),
            _("Processor’s fee"),
            _("Tax rate"),
            _("Commission"),
        ]
        sheet.rows(
            heads, [self._line(line) for line in body["lines"]], [32, 20, 20, 24, 30, 18, 28], right=(3, 4, 5, 6)
        )
        sheet.words(words.passed_on(), quiet=True)
        sheet.heading(_("Sum"))
        heads = [_("Tax rate"), _("Net"), _("Tax"), _("With tax")]
        rows = [[self._rate(one["bps"]), *self._sums(one)] for one in body["rates"]]
        rows.append([_("Together"), *self._sums(body)])
        sheet.rows(heads, rows, [52, 40, 40, 40], right=(1, 2, 3))
        self._notes(sheet)
        sheet.words(words.paid(), quiet=True)
        return sheet.bytes()

    def credit(self, number: str, at: dt.datetime) -> bytes:
        body = self.body
        sheet = self._sheet(_("Credit note %(number)s") % {"number": number}, at)
        of = {"number": body["invoice"], "day": self._day(body["invoice_issued"])}
        sheet.note(_("It corrects invoice %(number)s of %(day)s.") % of)
        sheet.facts(
            [*self._parties(at), (_("Order"), body["order"]), (_("Refund to the buyer"), self._day(body["refunded"]))]
        )
        sheet.heading(_("Commission that we give up"))
        rows = [[self._rate(body["bps"]), *self._sums(body)]]
        sheet.rows([_("Tax rate"), _("Net"), _("Tax"), _("With tax")], rows, [52, 40, 40, 40], right=(1, 2, 3))
        self._notes(sheet)
        sheet.words(words.given_up(), quiet=True)
        return sheet.bytes()

    def _sheet(self, title: str, at: dt.datetime) -> Sheet:
        foot = f"{date_format(at.astimezone(dt.UTC), 'DATETIME_FORMAT')} UTC"
        head = self.body["operator"]["name"]
        sheet = Sheet(title=title, head=head, reference=title, foot=foot, as_of=at, language=self.language)
        sheet.title_line(title)
        return sheet

    def _parties(self, at: dt.datetime) -> list[tuple[str, str]]:
        ours, seller = self.body["operator"], self.body["seller"]
        place = f"{seller['postal_code']} {seller['city']}".strip()
        return [
            (_("From"), f"{ours['name']}\n{ours['address']}\n{self._country(ours['country'])}"),
            (_("Our VAT number"), ours["vat_id"]),
            (_("Our tax number"), ours["tax_number"]),
            (_("Made out to"), f"{seller['name']}\n{seller['street']}\n{place}\n{self._country(seller['country'])}"),
            (_("Your VAT number"), seller["vat_id"]),
            (_("Date"), date_format(at.astimezone(dt.UTC), "DATE_FORMAT")),
        ]

    def _notes(self, sheet: Sheet) -> None:
        if why := words.why(self.body["treatment"]):
            sheet.note(why)
        if self.body["country"]:
            sheet.words(_("Tax of %(country)s.") % {"country": self._country(self.body["country"])})
        if own := self.body.get("own"):
            said = {
                "tax": self._money(own["tax"]),
                "rate": number_format(Decimal(own["rate"])),
                "day": self._day(own["day"]),
            }
            sheet.words(_("The tax is %(tax)s, at %(rate)s, the European Central Bank’s rate of %(day)s.") % said)

    def _line(self, line: Body) -> list[str]:
        days = [self._day(line["ordered"], short=True), self._day(line["released"], short=True)]
        sums = [self._money(line["goods"]), self._money(line["processing"])]
        return [line["order"], *days, *sums, self._rate(line["bps"]), self._money(line["commission"])]

    def _sums(self, body: Body) -> list[str]:
        return [self._money(body[name]) for name in ("net", "tax", "gross")]

    def _rate(self, bps: int | None) -> str:
        if bps is None:
            return _("none")
        return f"{bps / 100:.2f}".rstrip("0").rstrip(".") + " %"

    def _country(self, code: str) -> str:
        return country_name(code, self.language)

    def _money(self, data: Body) -> str:
        return format_money(read(data), self.language)

    def _day(self, text: str, *, short: bool = False) -> str:
        return date_format(dt.date.fromisoformat(text), "SHORT_DATE_FORMAT" if short else "DATE_FORMAT")
