"""Addresses that an account had until lately: who takes it over and changes the address is still seen by its owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from django.dispatch import receiver

from marketplace.lib.clock import now
from marketplace.models import FormerAddress, User

LATELY = dt.timedelta(days=30)


def addresses_of(user: User) -> list[str]:
    """The account's address, then those that it had in the last 30 days."""
    former = FormerAddress.objects.filter(user=user, until__gte=now() - LATELY).order_by("-until")
    return list(dict.fromkeys([user.email, *former.values_list("email", flat=True)]))


@receiver(signals.email_changed)
def _changed(user: User, from_email_address: EmailAddress | None, **kwargs: Any) -> None:
    if from_email_address is not None and from_email_address.verified:
        FormerAddress.objects.create(user=user, email=from_email_address.email, until=now())


@receiver(signals.email_removed)
def _removed(user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    if email_address.verified:
        FormerAddress.objects.create(user=user, email=email_address.email, until=now())
