"""What looks wrong about a payout is held for a person before anybody can approve it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import Payout, PayoutDoubt, PayoutMethod
from payments.payouts.freezing import frozen
from payments.payouts.holds import keeps_back

Kind = PayoutDoubt.Kind
ALIKE = dt.timedelta(days=7)
OVER = (Payout.State.FAILED, Payout.State.CANCELED)


def look(payout: Payout) -> None:
    """Note what speaks against a payout that is asked for. Harmless when repeated."""
    method = payout.method
    same = PayoutMethod.objects.to_the_same(method)
    twin = (
        Payout.objects.filter(method__in=same, currency=payout.currency, amount_minor=payout.amount_minor)
        .filter(requested_at__gt=payout.requested_at - ALIKE, requested_at__lte=payout.requested_at)
        .exclude(pk=payout.pk)
        .exclude(state__in=OVER)
        .order_by("-requested_at")
        .first()
    )
    if twin is not None:
        note(payout, Kind.DUPLICATE, f"{twin.pk}, {twin.requested_at:%Y-%m-%d %H:%M} UTC")
    others = same.exclude(seller=method.seller).values_list("seller__email", flat=True).distinct()
    if names := sorted(others):
        note(payout, Kind.SHARED, ", ".join(names))
    if payout.seller.suspended_at is not None:
        note(payout, Kind.SUSPENDED, f"{payout.seller.suspended_at:%Y-%m-%d}")


def note(payout: Payout, kind: PayoutDoubt.Kind, detail: str) -> PayoutDoubt:
    """Hold the payout for this reason, once."""
    doubt, _made = PayoutDoubt.objects.get_or_create(payout=payout, kind=kind, defaults={"detail": detail, "at": now()})
    return doubt


def what_holds(payout: Payout) -> list[str]:
    """Sentences: why a payout that was asked for cannot be approved now."""
    if payout.state != Payout.State.REQUESTED:
        return []
    reasons = [f"{doubt}." for doubt in payout.doubts.all() if doubt.cleared_at is None]
    if _suspended_since(payout):
        reasons.append(f"{Kind.SUSPENDED.label}.")
    if why := keeps_back(payout):
        reasons.append(why)
    if payout.method.rests:
        reasons.append(payout.method.rest_in_words)
    if frozen() is not None:
        reasons.append(_("Payouts are frozen."))
    return reasons


def refuse_in_doubt(payout: Payout, *, by: User) -> None:
    """PayoutRefused while something speaks against it, or when `by` is who said that it is right."""
    doubts = list(payout.doubts.order_by("pk"))
    waiting = [str(doubt) for doubt in doubts if doubt.cleared_at is None]
    if _suspended_since(payout):
        waiting.append(str(Kind.SUSPENDED.label))
    if waiting:
        raise PayoutRefused(_("Somebody has to look at this payout first: %(why)s.") % {"why": "; ".join(waiting)})
    if by in [doubt.cleared_by for doubt in doubts]:
        raise PayoutRefused(_("You said that this payout is right. Somebody else has to approve it."))


@transaction.atomic
def clear_doubts(payout: Payout, *, by: User, why: str) -> list[PayoutDoubt]:
    """A person looked: the payout is right. Who says so does not approve it; nor is it the seller."""
    if not by.is_staff or by.pk == payout.seller_id:
        raise PayoutRefused(_("Somebody else has to look at this payout."))
    if not why.strip():
        raise PayoutRefused(_("Say why."))
    payout = Payout.objects.select_for_update(of=("self",)).select_related("seller").get(pk=payout.pk)
    if _suspended_since(payout):
        look(payout)
    waiting = list(payout.doubts.filter(cleared_at=None))
    if not waiting or payout.state != Payout.State.REQUESTED:
        raise PayoutRefused(_("Nothing speaks against this payout any more."))
    for doubt in waiting:
        doubt.cleared_by, doubt.cleared_at, doubt.why = by, now(), why.strip()
        doubt.save(update_fields=["cleared_by", "cleared_at", "why"])
    return waiting


def is_doubted(payout: Payout) -> bool:
    """Whether a person has to say first that it is right."""
    return _suspended_since(payout) or any(doubt.cleared_at is None for doubt in payout.doubts.all())


def _suspended_since(payout: Payout) -> bool:
    """Its seller was suspended after it was asked for, and nobody has looked at it since."""
    noted = any(doubt.kind == Kind.SUSPENDED for doubt in payout.doubts.all())
    return payout.seller.suspended_at is not None and not noted
