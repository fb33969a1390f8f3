"""A seller's own account with a processor that pays out by itself: opened, looked at until it is ready.

Never call these inside a transaction: they ask the processor.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.lib.failpoints import reach
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import PayoutMethod
from payments.payouts.methods import keep_account
from payments.processors import registry
from payments.processors.base import Processor, ProcessorError, Unavailable, Unknown

STRIPE = PayoutMethod.Kind.STRIPE


def open_account(*, seller: User, currency: str, country: str, by: User) -> PayoutMethod:
    """One account per seller, whatever the currency; asked for with one key, so that a lost answer opens no second."""
    if by != seller:
        raise PayoutRefused(_("Only sellers themselves say where their money goes."))
    processor = _processor()
    if not processor.pays_out(country, currency):
        named = {"currency": currency, "country": country}
        raise PayoutRefused(_("Stripe cannot pay %(currency)s out to %(country)s from here.") % named)
    known = PayoutMethod.objects.filter(seller=seller, kind=STRIPE).order_by("pk").first()
    destination = known.destination if known else _opened(processor, seller, country)
    return keep_account(seller=seller, currency=currency, kind=STRIPE, destination=destination)


def page(method: PayoutMethod, *, by: User, back: str) -> str:
    """The address of the processor's page where the seller says who they are."""
    if by.pk != method.seller_id or method.kind != STRIPE or method.removed_at is not None:
        raise PayoutRefused(_("You have no such destination."))
    try:
        return _processor().payee_page(method.destination, back=back)
    except ProcessorError as error:
        raise PayoutRefused(_away(error)) from error


def look(method_id: int) -> PayoutMethod:
    """Note that the account can be paid, once it can."""
    method = PayoutMethod.objects.get(pk=method_id)
    if method.kind != STRIPE:
        raise PayoutRefused(_("You have no such destination."))
    try:
        ready = _processor().payee_ready(method.destination)
    except ProcessorError as error:
        raise PayoutRefused(_away(error)) from error
    if ready:
        PayoutMethod.objects.filter(pk=method.pk, verified_at=None).update(verified_at=now())
        method.refresh_from_db(fields=["verified_at"])
    return method


def waiting(limit: int = 50) -> list[int]:
    """Ids of accounts that could not be paid at the last look."""
    rows = PayoutMethod.objects.filter(kind=STRIPE, verified_at=None, removed_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _processor() -> Processor:
    try:
        return registry.get(STRIPE)
    except registry.NoProcessor as error:
        raise PayoutRefused(_("Payouts are not made that way here. Choose another.")) from error


def _opened(processor: Processor, seller: User, country: str) -> str:
    key = f"payee:{seller.pk}"
    try:
        destination = processor.open_payee(key, ref=str(seller.pk), email=seller.email, country=country)
    except ProcessorError as error:
        raise PayoutRefused(_away(error)) from error
    reach("payee opened")
    return destination


def _away(error: ProcessorError) -> str:
    if isinstance(error, Unavailable | Unknown):
        return str(_("Stripe does not answer just now. Try again in a minute."))
    return str(error)
