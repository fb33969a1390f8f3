"""Every movement of a seller's money: on pages by month, and to keep."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from listings.models import Shop
from marketplace.http import UserRequest
from marketplace.lib.period import Period, PeriodError
from orders.money.papers import TooLong, as_csv, as_pdf
from orders.money.statement import Pages, Statement
from orders.views.desk import of_shop

PAGE = 50


@require_safe
@of_shop
def movements(request: UserRequest, shop: Shop) -> HttpResponse:
    statement = _statement(request, shop)
    pages = Pages(statement)
    shown = {
        "shop": shop,
        "period": statement.period,
        "months": statement.account.months(),
        "opening": pages.opening,
        "closing": pages.closing,
        "page": Paginator(pages, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "orders/movements.html", shown)


@require_safe
@of_shop
def statement_csv(request: UserRequest, shop: Shop) -> HttpResponseBase:
    statement = _statement(request, shop)
    answer = StreamingHttpResponse(as_csv(statement), content_type="text/csv; charset=utf-8")
    return _attached(answer, statement, "csv")


@require_safe
@of_shop
def statement_pdf(request: UserRequest, shop: Shop) -> HttpResponseBase:
    statement = _statement(request, shop)
    try:
        made = as_pdf(statement, request.visitor.language)
    except TooLong as error:
        messages.error(request, str(error))
        return redirect("orders:movements")
    return _attached(HttpResponse(made, content_type="application/pdf"), statement, "pdf")


def _statement(request: UserRequest, shop: Shop) -> Statement:
    try:
        return Statement(shop, Period.read(request.GET))
    except PeriodError as error:
        raise Http404(str(error)) from error


def _attached(answer: HttpResponseBase, statement: Statement, ending: str) -> HttpResponseBase:
    period = statement.period
    answer["Content-Disposition"] = f'attachment; filename="statement-{period.first}-{period.last}.{ending}"'
    return answer
