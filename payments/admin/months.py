"""The platform's books per month: a page, and the same as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from marketplace.admin import AnyModelAdmin
from marketplace.lib.period import Period, PeriodError
from marketplace.lib.spreadsheet import line
from payments.admin.pages import may, said
from payments.admin.tables import table
from payments.ledger.months import Month, month_of

PERMISSION = "payments.view_journal"


def page(site_admin: AnyModelAdmin, request: HttpRequest) -> HttpResponse:
    """`?month=2026-11`; this month without it."""
    may(request, PERMISSION)
    month = month_of(_asked(request))
    names = {"income": _("Income"), "expense": _("Expense"), "tax": _("Tax"), "duty": _("Duty")}
    context = {
        **site_admin.admin_site.each_context(request),
        "opts": site_admin.opts,
        "title": _("Books of %(month)s") % {"month": f"{month.start:%Y-%m}"},
        "month": month,
        "lines": table(
            _("Books of %(month)s") % {"month": f"{month.start:%Y-%m}"},
            [_("Part"), _("Account"), _("Amount")],
            [(names[one.part], one.account, one.amount) for one in month.lines],
        ),
        "results": [said(result) for result in month.results],
    }
    return TemplateResponse(request, "admin/payments/months.html", context)


def sheet(site_admin: AnyModelAdmin, request: HttpRequest) -> HttpResponse:
    """Month, part, account, currency and amount; amounts with a point and as many decimals as their currency has."""
    may(request, PERMISSION)
    month = month_of(_asked(request))
    response = HttpResponse(_rows(month), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="books-{month.start:%Y-%m}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _rows(month: Month) -> Iterator[str]:
    yield line(["month", "part", "account", "currency", "amount"])
    for one in month.lines:
        yield line([f"{month.start:%Y-%m}", one.part, one.account, *reversed(one.amount.json().values())])


def _asked(request: HttpRequest) -> Period:
    try:
        return Period.read({"month": request.GET.get("month", "")})
    except PeriodError:
        raise Http404 from None
