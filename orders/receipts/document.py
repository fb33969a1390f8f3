"""A receipt as a paper, in the language of the checkout."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fx.format import format_money
from marketplace.lib.pdf import Paper as Sheet
from marketplace.lib.places import country_name
from orders.receipts import words
from orders.receipts.body import discount_of, read
from payments.models import Paper

Body = dict[str, Any]


def write(body: Body, *, number: str, at: dt.datetime, before: Paper | None, language: str) -> bytes:
    """The same body, number and time give the same bytes."""
    with translation.override(language):
        return _Writer(language).write(body, number, at, before)


class _Writer:
    def __init__(self, language: str) -> None:
        self.language = language

    def write(self, body: Body, number: str, at: dt.datetime, before: Paper | None) -> bytes:
        title = words.title(number)
        sheet = Sheet(
            title=title,
            head=settings.SITE_HOST,
            reference=title,
            foot=self._moment(at),
            as_of=at,
            language=self.language,
        )
        sheet.title_line(title)
        if before is not None:
            sheet.note(words.correction(before.number))
        sheet.facts(
            [
                (_("Issued"), self._moment(at)),
                (_("Paid on"), self._moment(dt.datetime.fromisoformat(body["paid_at"]))),
                (_("Paid through"), body["through"]),
                (_("Paid"), self._money(body["paid"])),
                (_("Price"), self._money(body["price"])),
                (_("Came back"), self._money(body["refunded"]) if body["refunds"] else ""),
                (_("Stays paid"), self._money(body["stays"]) if body["refunds"] else ""),
            ]
        )
        for order in body["orders"]:
            self._order(sheet, order)
        if body["refunds"]:
            self._refunds(sheet, body)
        sheet.space()
        sheet.words(words.role(), quiet=True)
        return sheet.bytes()

    def _order(self, sheet: Sheet, order: Body) -> None:
        seller = order["seller"]
        sheet.heading(_("Order %(number)s") % {"number": order["number"]})
        country = country_name(seller["country"], self.language)
        sheet.facts([(_("Sold by"), f"{seller['shop']}, {seller['city']}, {country}")])
        bought = [
            [line["title"], str(line["quantity"]), self._money(line["unit"]), self._times(line)]
            for line in order["lines"]
        ]
        if given := discount_of(order):
            bought.append(
                [_("Discount of the seller for this way to pay"), "", "", format_money(-given, self.language)]
            )
        bought.append([order["shipping_name"], "", "", self._money(order["shipping"])])
        sheet.rows([_("Item"), _("Pieces"), _("Price"), _("Sum")], bought, [90, 18, 32, 32], right=(1, 2, 3))
        fees = [[f"{fee['taker']}: {fee['why']}".strip(": "), self._fee(fee)] for fee in order["fees"]]
        fees.append([_("Paid for this order"), self._money(order["total"])])
        sheet.rows([_("Who takes what of it"), _("Amount")], fees, [132, 40], right=(1,))

    def _refunds(self, sheet: Sheet, body: Body) -> None:
        sheet.heading(_("Came back"))
        rows = [
            [one["order"], self._day(one), self._money(one["owed"]), self._money(one["amount"])]
            for one in body["refunds"]
        ]
        heads = [_("Order"), _("Date"), _("Refund"), _("Of what you paid")]
        sheet.rows(heads, rows, [46, 46, 40, 40], right=(2, 3))

    def _fee(self, fee: Body) -> str:
        return _("not known") if fee["certainty"] == "unknown" else self._money(fee["amount"])

    def _times(self, line: Body) -> str:
        return format_money(read(line["unit"]).times(line["quantity"]), self.language)

    def _money(self, data: Body) -> str:
        return format_money(read(data), self.language)

    def _moment(self, at: dt.datetime) -> str:
        return f"{date_format(at.astimezone(dt.UTC), 'DATETIME_FORMAT')} UTC"

    def _day(self, refund: Body) -> str:
        return date_format(dt.datetime.fromisoformat(refund["at"]).astimezone(dt.UTC), "DATE_FORMAT")
