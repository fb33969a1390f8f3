"""What a payout pays, for its seller."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.http import UserRequest
from orders.money.payoutsheet import payout_sheet


@require_safe
@login_required
def payout(request: UserRequest, pk: UUID) -> HttpResponse:
    sheet = payout_sheet(request.user, pk)
    if sheet is None:
        raise Http404
    return render(request, "orders/payout.html", {"sheet": sheet})
