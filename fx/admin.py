"""Rates to approve or reject; quotes, conversions and visits to look at."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fx.errors import RateSetError
from fx.format import format_number
from fx.models import Conversion, DailyRate, Quote, QuoteLine, Rate, RateFetch, RateSet
from fx.money import Money
from fx.services import approve_rate_set, ask_now, reject_rate_set
from marketplace.admin import ReadOnly, ReadOnlyInline, staff


def _plain(rate: Decimal) -> str:
    """Without trailing zeros."""
    value = rate.normalize()
    return format_number(value, "en", max(0, -int(value.as_tuple().exponent)))


def _to_chart(currency: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("fx:rate", args=[currency]), currency)


class Rates(ReadOnlyInline):
    model = Rate
    fields = readonly_fields = ("chart", "mid", "source", "as_of", "good_until", "quoted", "disputed")

    @admin.display(description=_("currency"))
    def chart(self, rate: Rate) -> SafeString:
        return _to_chart(rate.currency)

    @admin.display(description=_("quoted"), boolean=True)
    def quoted(self, rate: Rate) -> bool:
        return rate.is_open

    @admin.display(description=_("per euro"))
    def mid(self, rate: Rate) -> str:
        return _plain(rate.per_eur)


@admin.register(RateSet)
class RateSetAdmin(ReadOnly):
    """A held set waits here; the last good rates are quoted until they are too old."""

    list_display = ("id", "state", "created_at", "reason", "reviewed_by", "reviewed_at")
    list_filter = ("state",)
    ordering = ("-id",)
    inlines = (Rates,)
    actions = ("approve", "reject")

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("fx.change_rateset")

    @admin.action(description=_("Approve: quote with these rates from now on"), permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[RateSet]) -> None:
        self._review(request, queryset, approved=True)

    @admin.action(description=_("Reject: never quote with these rates"), permissions=["review"])
    def reject(self, request: HttpRequest, queryset: QuerySet[RateSet]) -> None:
        self._review(request, queryset, approved=False)

    def _review(self, request: HttpRequest, queryset: QuerySet[RateSet], *, approved: bool) -> None:
        decide = approve_rate_set if approved else reject_rate_set
        for rate_set in queryset.order_by("id"):
            try:
                done = decide(rate_set, by=staff(request))
            except RateSetError as error:
                messages.error(request, str(error))
                continue
            words = gettext("Set %(id)s: %(state)s.") % {"id": done.pk, "state": done.get_state_display()}
            self.log_change(request, done, words)
            messages.success(request, words)


@admin.register(RateFetch)
class RateFetchAdmin(ReadOnly):
    """Who was asked and when they are asked again; a person need not wait for that."""

    list_display = ("at", "provider", "ok", "error", "fails", "again_at")
    list_filter = ("provider", "ok")
    ordering = ("-at",)
    actions = ("ask_now",)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("fx.change_rateset")

    @admin.action(description=_("Ask these providers again now"), permissions=["review"])
    def ask_now(self, request: HttpRequest, queryset: QuerySet[RateFetch]) -> None:
        names = set(queryset.order_by().values_list("provider", flat=True).distinct())
        for visit in ask_now(names):
            said = gettext("The provider %(provider)s answered.")
            if not visit.ok:
                said = gettext("The provider %(provider)s failed: %(error)s")
            words = said % {"provider": visit.provider, "error": visit.error}
            self.log_addition(request, visit, words)
            self.message_user(request, words, messages.SUCCESS if visit.ok else messages.WARNING)
            names.discard(visit.provider)
        for name in sorted(names):
            words = gettext("The provider %(provider)s was not asked: it is being asked already, or is switched off.")
            messages.warning(request, words % {"provider": name})


@admin.register(DailyRate)
class DailyRateAdmin(ReadOnly):
    """The ECB's days behind the charts; the first column leads to the chart."""

    list_display = ("chart", "day", "mid")
    list_filter = ("currency",)
    date_hierarchy = "day"
    ordering = ("-day", "currency")

    @admin.display(description=_("currency"), ordering="currency")
    def chart(self, row: DailyRate) -> SafeString:
        return _to_chart(row.currency)

    @admin.display(description=_("per euro"))
    def mid(self, row: DailyRate) -> str:
        return _plain(row.per_eur)


class QuoteLines(ReadOnlyInline):
    model = QuoteLine
    fields = readonly_fields = ("ref", "component", "amount_owed", "target", "sent")

    @admin.display(description=_("amount"))
    def amount_owed(self, line: QuoteLine) -> str:
        return str(Money(line.minor, line.quote.currency))

    @admin.display(description=_("becomes"))
    def target(self, line: QuoteLine) -> str:
        return str(line.target)

    @admin.display(description=_("sent"))
    def sent(self, line: QuoteLine) -> str:
        return str(Money(line.pay_minor, line.quote.pay_currency))


@admin.register(Quote)
class QuoteAdmin(ReadOnly):
    list_display = ("id", "owner", "amount", "pay", "created_at", "expires_at", "used_at")
    list_filter = ("currency", "pay_currency", ("used_at", admin.EmptyFieldListFilter))
    search_fields = ("id", "owner")
    ordering = ("-created_at",)
    list_select_related = ("rate_set",)
    inlines = (QuoteLines,)


@admin.register(Conversion)
class ConversionAdmin(ReadOnly):
    list_display = ("created_at", "journal_key", "ref", "sold", "bought", "seller")
    list_filter = ("counted", "sell_currency", "buy_currency")
    search_fields = ("ref", "journal_key")
    list_select_related = ("seller",)
    ordering = ("-id",)

    @admin.display(description=_("came in"))
    def sold(self, row: Conversion) -> str:
        return str(row.sell)

    @admin.display(description=_("is owed"))
    def bought(self, row: Conversion) -> str:
        return str(row.buy)
