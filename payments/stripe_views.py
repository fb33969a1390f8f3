"""What the card page posts: the demo's test card, and the way to Stripe's own page. Both only ask Stripe.

What became of the payment arrives by webhook, like everywhere; nothing is written here.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from payments.doubles.stripe.cards import OFFERED
from payments.models import Payment
from payments.processors import registry
from payments.processors.base import Declined, ProcessorError, Refused
from payments.processors.stripe import Stripe
from payments.processors.stripe_client import code_of, translated
from payments.templatetags.card import is_for


@require_POST
def test_card(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """`card`: one of the offered test cards. On to the bank's question, or back to the payment's page."""
    payment, processor = _open_payment(request, payment_id)
    if not (settings.SANDBOX and processor.api_base):
        raise Http404
    name = request.POST.get("card", "")
    if name not in dict(OFFERED):
        messages.error(request, _("Choose one of the test cards."))
        return redirect(payment.return_url)
    try:
        return redirect(_confirm(processor, payment, name) or payment.return_url)
    except Declined:
        pass  # the payment's page asks for the reason and shows it
    except ProcessorError:
        messages.error(request, _("The card could not be charged now. Look again in a moment before you retry."))
    return redirect(payment.return_url)


def _confirm(processor: Stripe, payment: Payment, name: str) -> str | None:
    """Pay; where the buyer has to go for 3-D Secure, if anywhere. A payment that is past paying is left as it is."""
    try:
        with translated(processor.line, f"confirm {payment.processor_ref}"):
            intent = processor.client.v1.payment_intents.confirm(
                payment.processor_ref, {"payment_method": name, "return_url": payment.return_url}
            )
    except Refused as error:
        if code_of(error) == "payment_intent_unexpected_state":
            return None
        raise
    action = intent.next_action
    return action.redirect_to_url.url if action and action.redirect_to_url else None


@require_POST
def checkout(request: HttpRequest, payment_id: uuid.UUID) -> HttpResponse:
    """On to Stripe's own page, which needs no JavaScript of ours and comes back to the payment's page."""
    payment, processor = _open_payment(request, payment_id)
    title = _("Order %(number)s") % {"number": payment.ref}
    try:
        page = processor.checkout_page(
            payment.processor_ref, payment.amount, title=title, return_url=payment.return_url
        )
    except Refused:
        messages.info(request, _("This payment cannot move to another page any more. Its state is below."))
    except ProcessorError:
        messages.error(request, _("The payment page cannot be opened now. Nothing was charged; try again."))
    else:
        return redirect(page)
    return redirect(payment.return_url)


def _open_payment(request: HttpRequest, payment_id: uuid.UUID) -> tuple[Payment, Stripe]:
    """The payment, for whoever was shown its page: the form's `token` says so."""
    if not is_for(request.POST.get("token", ""), payment_id):
        raise PermissionDenied(_("This form has expired. Open the payment's page again."))
    payment = get_object_or_404(Payment, pk=payment_id, processor=Stripe.slug)
    processor = registry.get(payment.processor)
    assert isinstance(processor, Stripe)
    if not payment.processor_ref:
        raise Http404
    return payment, processor
