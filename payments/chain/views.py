"""The demo's button that pays an invoice with test coins. In the sandbox only."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fx.money import COINS, Money
from payments.chain import playmoney
from payments.models import Payment
from payments.processors import registry
from payments.processors.base import ProcessorError
from payments.processors.coin import Coin
from payments.templatetags.coin import CoinView, coin

View = Callable[..., HttpResponse]


def in_the_sandbox(view: View) -> View:
    """Elsewhere there is no such page. Asked per request: urls are read once, whatever the settings are by then."""

    @wraps(view)
    def there_or_not(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not settings.SANDBOX:
            raise Http404
        return view(request, *args, **kwargs)

    return there_or_not


@in_the_sandbox
@require_POST
def send_test_coins(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """`share` is rest (default), half or more; then back to the local page `next`."""
    payment = get_object_or_404(Payment, id=payment_id, currency__in=COINS)
    view, processor = coin(payment), registry.get(payment.processor)
    if view is not None and isinstance(processor, Coin):
        amount = _amount(view, request.POST.get("share", "rest"))
        try:
            playmoney.send(processor, view.invoice.address, amount)
            messages.success(request, _("Test coins are on their way. They show up within seconds."))
        except ProcessorError as error:
            messages.error(request, _("No test coins were sent: %(error)s") % {"error": error})
    return redirect(_back(request))


def _amount(view: CoinView, share: str) -> Money:
    due = view.invoice.due
    if share == "half":
        return due.times(1, 2)
    if share == "more":
        return due.times(11, 10)
    return view.missing or due


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "/"
