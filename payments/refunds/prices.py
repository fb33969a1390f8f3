"""What leaves in coin for a refund that is owed by value: the value at mid-market, locked for a while.

No spread: the buyer is owed the whole value. Between the coins that came and the coins that leave lies the platform's
position, which took the coins over at the capture. The network's fee is the platform's, too.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from fx.errors import RateMissing
from fx.money import Money
from fx.rates import HUB
from fx.services import current_rates
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import RefundRefused
from payments.models import Refund, RefundPrice
from payments.processors import registry
from payments.screening import decisions as screening

State = Refund.State


@transaction.atomic
def lock_price(refund: Refund, *, by: User | None) -> RefundPrice:
    """The price of a refund by value that is ready to be sent; the same one while it holds.

    RefundRefused when the refund is not ready, no trusted rate is there now, or the coins would be too few to send.
    Nothing has changed then: it is owed as before, and can be priced later.
    """
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    refuse_unready(refund)
    if refund.value_minor is None:
        raise RefundRefused(_("This refund gives back what was paid: %(amount)s.") % {"amount": refund.sends})
    held = live_price(refund)
    if held is not None:
        return held
    sends, rates = _convert(refund), current_rates()
    _refuse_dust(refund, sends)
    price = RefundPrice.objects.create(
        refund=refund,
        value_currency=refund.value_currency,
        value_minor=refund.value_minor,
        currency=refund.currency,
        sends_minor=sends.amount,
        rate_set_id=rates.id,
        rate=f"{rates.mid(refund.currency, refund.value_currency):f}",
        source=" / ".join(rates.source[one] for one in (refund.currency, refund.value_currency) if one != HUB),
        locked_by=by,
        expires_at=now() + dt.timedelta(minutes=settings.COIN_REFUND_MINUTES),
    )
    refund.sends_minor = sends.amount
    refund.save(update_fields=["sends_minor"])
    return price


def live_price(refund: Refund) -> RefundPrice | None:
    latest = refund.prices.order_by("-pk").first()
    return latest if latest is not None and latest.is_live else None


def refuse_unready(refund: Refund) -> None:
    """RefundRefused unless the refund is in coin, has an address that the screening let pass, and was not sent."""
    if refund.state not in {State.REQUESTED, State.FAILED} or not refund.destination:
        raise RefundRefused(
            _("This refund is not ready to be sent: %(state)s.") % {"state": refund.get_state_display()}
        )
    screening.refuse_unscreened_refund(refund)


def refuse_dust(refund: Refund) -> None:
    """RefundRefused when what leaves is too little to be sent."""
    _refuse_dust(refund, refund.sends)


def _convert(refund: Refund) -> Money:
    try:
        return current_rates().convert(refund.owed, refund.currency)
    except RateMissing as error:
        raise RefundRefused(
            _("There is no trusted rate for %(currency)s now. The refund waits, nothing is lost: see Sets of rates.")
            % {"currency": error.currency}
        ) from error


def _refuse_dust(refund: Refund, sends: Money) -> None:
    least = Money(registry.dust_of(refund.payment.processor), refund.currency)
    if not sends or sends < least:
        raise RefundRefused(
            _("%(amount)s is too little to send: the network asks for %(least)s. It stays owed.")
            % {"amount": sends, "least": least}
        )
