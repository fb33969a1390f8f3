"""Letters to sellers about where their money goes and what became of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from marketplace.former import addresses_of
from marketplace.letters import write
from marketplace.models import User
from payments.models import Payout, PayoutMethod

MONEY_PAGE = "/sell/money/"


def method_added(method: PayoutMethod) -> None:
    """To the seller's address, and to those of the last weeks: who took the account over reads only the new one."""
    for address in addresses_of(method.seller):
        _write(f"payout_method:{method.pk}", method.seller, address, "payout_method_added", method=method)


def failed(payout: Payout, *, days: int) -> None:
    """It came back `days` ago."""
    _about(payout, f"failed:{days}", "payout_failed", days=days)


def dormant(payout: Payout) -> None:
    _about(payout, "dormant", "payout_dormant")


def _about(payout: Payout, event: str, template: str, **more: Any) -> None:
    seller = payout.seller
    _write(f"payout:{payout.pk}:{event}", seller, seller.email, template, payout=payout, **more)


def _write(key: str, seller: User, to: str, template: str, **more: Any) -> None:
    write(
        key=f"{key}:{to}",
        to=to,
        template=template,
        context={"link": settings.SITE_URL + MONEY_PAGE, **more},
        language=seller.language or settings.LANGUAGE_CODE,
    )
