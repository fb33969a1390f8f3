"""A person decides about rates that moved too far."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from fx.errors import RateSetError
from fx.models import RateSet
from fx.services.current import active_set
from fx.services.sets import add_rates, mids_of, one_writer
from marketplace.lib.clock import now
from marketplace.models import User


@transaction.atomic
def approve_rate_set(rate_set: RateSet, *, by: User) -> RateSet:
    """The held rates count from now on, with the others as they are; RateSetError if not held."""
    locked = _locked(rate_set)
    held = set(mids_of(locked))
    add_rates(locked, [mid for c, mid in mids_of(active_set()).items() if c not in held])
    return _decide(locked, RateSet.State.ACTIVE, by)


@transaction.atomic
def reject_rate_set(rate_set: RateSet, *, by: User) -> RateSet:
    """The held rates never count; the same jump, seen again, is held again."""
    return _decide(_locked(rate_set), RateSet.State.REJECTED, by)


def _locked(rate_set: RateSet) -> RateSet:
    one_writer()
    locked = RateSet.objects.select_for_update().get(pk=rate_set.pk)
    if locked.state != RateSet.State.HELD:
        raise RateSetError(
            _("Set %(id)s is %(state)s, not held for review. Reload the list.")
            % {"id": locked.pk, "state": locked.get_state_display()}
        )
    return locked


def _decide(rate_set: RateSet, state: RateSet.State, by: User) -> RateSet:
    rate_set.state, rate_set.reviewed_by = state, by
    rate_set.effective_at = rate_set.reviewed_at = now()
    rate_set.save(update_fields=["state", "reviewed_by", "effective_at", "reviewed_at"])
    return rate_set
