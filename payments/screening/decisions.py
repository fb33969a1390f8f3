"""Each answer of a provider is a row. A hit on a payout is a doubt, on a refund a case: a person decides.

The payee is never told more than that the payout is asked for.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from payments.cases import open_case
from payments.errors import PayoutRefused, RefundRefused
from payments.models import Case, Payout, PayoutDoubt, Refund, Screening
from payments.payouts.doubts import note
from payments.screening import registry
from payments.screening.base import Payee, ScreeningProvider, ScreeningUnavailable

log = logging.getLogger(__name__)
Subject = Payout | Refund


def look(subject: Subject) -> None:
    """Ask the providers that answer from this machine; inside the transaction that makes the payout or the address."""
    for provider in _missing(subject):
        if provider.offline:
            _ask(provider, subject)


def ask_outside(subject: Subject) -> None:
    """Ask the others too. Never call it inside a transaction."""
    for provider in _missing(subject):
        _ask(provider, subject)


def waiting(limit: int = 200) -> list[Subject]:
    """Payouts and refunds in coin that a provider has not answered for."""
    answers = Count("screenings", filter=Q(screenings__provider__in=[one.slug for one in registry.active()]))
    few = Q(answers__lt=len(registry.active()))
    payouts = Payout.objects.filter(state=Payout.State.REQUESTED).select_related("seller", "method")
    refunds = Refund.objects.filter(state=Refund.State.REQUESTED).exclude(destination="")
    found: list[Subject] = list(payouts.annotate(answers=answers).filter(few).order_by("requested_at")[:limit])
    return found + list(
        refunds.select_related("payment__user").annotate(answers=answers).filter(few).order_by("created_at")[:limit]
    )


def refuse_unscreened_payout(payout: Payout) -> None:
    """PayoutRefused until every provider has answered; a hit is a doubt and held by that."""
    if names := ", ".join(provider.slug for provider in _missing(payout)):
        raise PayoutRefused(_("The screening has not answered yet: %(names)s.") % {"names": names})


def refuse_unscreened_refund(refund: Refund) -> None:
    """RefundRefused until every provider has answered, and the case about a hit is settled."""
    if not refund.destination:
        return
    if names := ", ".join(provider.slug for provider in _missing(refund)):
        raise RefundRefused(_("The screening has not answered yet: %(names)s.") % {"names": names})
    if Case.objects.filter(kind=Case.Kind.SCREENED, ref=str(refund.pk), closed_at=None).exists():
        raise RefundRefused(_("The screening has something against the address. Settle that case first."))


def _missing(subject: Subject) -> list[ScreeningProvider]:
    answered = set(subject.screenings.values_list("provider", flat=True))
    return [provider for provider in registry.active() if provider.slug not in answered]


def _ask(provider: ScreeningProvider, subject: Subject) -> None:
    try:
        reason = provider.screen(_payee(subject))
    except ScreeningUnavailable as error:
        log.warning("Screening by %s is not available: %s", provider.slug, error)
        return
    _keep(provider.slug, subject, reason)


@transaction.atomic
def _keep(provider: str, subject: Subject, reason: str) -> None:
    which = {"payout": subject} if isinstance(subject, Payout) else {"refund": subject}
    _row, made = Screening.objects.get_or_create(
        provider=provider, **which, defaults={"hit": bool(reason), "reason": reason}
    )
    if not made or not reason:
        return
    if isinstance(subject, Payout):
        note(subject, PayoutDoubt.Kind.SCREENING, f"{provider}: {reason}")
    else:
        open_case(Case.Kind.SCREENED, processor=subject.payment.processor, ref=str(subject.pk), reason=reason)


def _payee(subject: Subject) -> Payee:
    if isinstance(subject, Payout):
        seller, method = subject.seller, subject.method
        destination = method.iban or method.account or method.destination
        return Payee(_known(seller.name, method.holder), _known(seller.country, method.country), destination)
    buyer = subject.payment.user
    names, countries = ((buyer.name,), (buyer.country,)) if buyer is not None else ((), ())
    return Payee(_known(*names), _known(*countries), subject.destination)


def _known(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, texts)))
