"""The books to look at. Nobody adds, changes or deletes here, not even a superuser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.admin import ReadOnly
from payments.admin import months
from payments.admin.pages import said
from payments.ledger import codes
from payments.ledger.balances import statement
from payments.models import Account, Journal

LINES = 50


@admin.register(Account)
class AccountAdmin(ReadOnly):
    list_display = ("code", "kind", "guarded", "balance")
    list_filter = ("kind", "currency", "guarded")
    search_fields = ("code",)
    ordering = ("code",)
    fields = readonly_fields = ("code", "currency", "kind", "guarded", "opened_at", "balance", "latest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.annotate(amount=Sum("balances__amount"))

    @admin.display(description=_("balance"), ordering="amount")
    def balance(self, account: Account) -> str:
        amount = int(getattr(account, "amount", 0) or 0)
        return said(codes.parse(account.code, account.currency).natural(amount))

    @admin.display(description=_("latest entries"))
    def latest(self, account: Account) -> SafeString:
        lines = statement(codes.parse(account.code, account.currency), limit=LINES)
        rows = [(line.at.date(), line.key, said(line.amount), said(line.balance)) for line in lines]
        return _table((_("date"), _("journal"), _("amount"), _("balance after")), rows)


@admin.register(Journal)
class JournalAdmin(ReadOnly):
    list_display = ("key", "kind", "ref", "occurred_at")
    list_filter = ("kind",)
    search_fields = ("=key", "=ref")
    ordering = ("-id",)
    show_full_result_count = False
    fields = readonly_fields = ("key", "kind", "ref", "occurred_at", "created_at", "entries")
    list_per_page: ClassVar[int] = 100

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("months/", wrap(partial(months.page, self)), name="payments_journal_months"),
            path("months/csv/", wrap(partial(months.sheet, self)), name="payments_journal_months_csv"),
            *super().get_urls(),
        ]

    @admin.display(description=_("entries"))
    def entries(self, journal: Journal) -> SafeString:
        rows = [
            (entry.line, self._account(entry.account), *_sides(Money(entry.amount, entry.currency)))
            for entry in journal.entries.select_related("account").order_by("line")
        ]
        return _table((_("line"), _("account"), _("debit"), _("credit")), rows)

    def _account(self, account: Account) -> SafeString:
        url = reverse("admin:payments_account_change", args=[account.pk])
        return format_html('<a href="{}">{}</a>', url, account.code)


def _sides(amount: Money) -> tuple[str, str]:
    return (said(amount), "") if amount.amount > 0 else ("", said(-amount))


def _table(heads: tuple[object, ...], rows: Sequence[tuple[object, ...]]) -> SafeString:
    head = format_html_join("", "<th scope='col'>{}</th>", ((name,) for name in heads))
    cells = (format_html_join("", "<td>{}</td>", ((cell,) for cell in row)) for row in rows)
    body = format_html_join("", "<tr>{}</tr>", ((row,) for row in cells))
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)
