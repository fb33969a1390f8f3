"""The platform's books per month: a page, and the same as CSV."""

from __future__ import annotations

import csv
import datetime as dt

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from marketplace.admin import AnyModelAdmin
from marketplace.lib.clock import now
from payments.admin.pages import may, said
from payments.ledger.months import Month, month_of

PERMISSION = "payments.view_journal"


def page(site_admin: AnyModelAdmin, request: HttpRequest) -> HttpResponse:
    """`?month=2026-11`; this month without it."""
    may(request, PERMISSION)
    month = month_of(_asked(request))
    names = {"income": _("Income"), "expense": _("Expense"), "tax": _("Import tax"), "duty": _("Duty")}
    context = {
        **site_admin.admin_site.each_context(request),
        "opts": site_admin.opts,
        "title": _("Books of %(month)s") % {"month": f"{month.start:%Y-%m}"},
        "month": month,
        "lines": [(names[line.part], line.account, said(line.amount)) for line in month.lines],
        "results": [said(result) for result in month.results],
    }
    return TemplateResponse(request, "admin/payments/months.html", context)


def sheet(site_admin: AnyModelAdmin, request: HttpRequest) -> HttpResponse:
    """Month, part, account, currency and amount; amounts with a point and as many decimals as their currency has."""
    may(request, PERMISSION)
    month = month_of(_asked(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="books-{month.start:%Y-%m}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    _write(response, month)
    return response


def _write(response: HttpResponse, month: Month) -> None:
    rows = csv.writer(response)
    rows.writerow(["month", "part", "account", "currency", "amount"])
    for line in month.lines:
        rows.writerow([f"{month.start:%Y-%m}", line.part, line.account, *reversed(line.amount.json().values())])


def _asked(request: HttpRequest) -> dt.date:
    text = request.GET.get("month", "") or f"{now():%Y-%m}"
    try:
        start = dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise Http404 from None
    if not 1970 <= start.year <= 9998:
        raise Http404
    return start
