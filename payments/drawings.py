"""The operator takes out what the platform has earned: proposed by one, approved by another, with the bank's reference.

What is owed to anybody is never touched: an amount is at most what was earned less what was lost, in its currency and
in all of them together, at most what its currency has beyond what it owes, and at most what the bank has.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from fx.errors import FxError
from fx.money import Money
from fx.rates import Rates
from fx.services import current_rates
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.posting import post
from payments.ledger.quiet import hold_writers
from payments.models import Drawing
from payments.payouts.freezing import refuse_when_frozen
from payments.treasury import BANK, available

State = Drawing.State
# Per currency: earned less spent and drawn; all that there is less all that is owed. Debit is positive in the books.
SUMS = """
select a.currency, coalesce(-sum(b.amount) filter (where a.kind in ('income', 'expense', 'equity')), 0)::bigint,
       coalesce(sum(b.amount) filter (where a.kind in ('asset', 'liability')), 0)::bigint
  from ledger_balance b join ledger_account a on a.id = b.account_id group by 1"""


@dataclass(frozen=True, slots=True)
class Room:
    """What can be taken out of a currency, and the three limits that it is the least of; never below zero."""

    earned: Money  # less what was lost and drawn, here and, at today's rates, in all currencies together
    beyond: Money  # what there is, less what is owed
    at_bank: Money

    @property
    def most(self) -> Money:
        return max(min(self.earned, self.beyond, self.at_bank), Money(0, self.earned.currency))


def room(currency: str) -> Room:
    """Locks the bank's balance until the transaction of the caller ends.

    PayoutRefused when a loss in another currency has no rate.
    """
    with transaction.atomic():
        at_bank = available(currency)
        with connection.cursor() as cursor:
            cursor.execute(SUMS)
            sums = {code: (int(own), int(net)) for code, own, net in cursor.fetchall()}
    earned = _least({code: own for code, (own, _net) in sums.items()}, currency)
    return Room(earned, _least({code: net for code, (_own, net) in sums.items()}, currency), at_bank)


def rooms() -> list[Room]:
    """Of each currency in which something is earned and not drawn; not where a loss elsewhere has no rate."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS)
        earned = sorted(code for code, own, _net in cursor.fetchall() if own > 0)
    found = []
    for currency in earned:
        with suppress(PayoutRefused):
            found.append(room(currency))
    return found


def _least(sums: dict[str, int], currency: str) -> Money:
    """What there is of `currency`, or of all currencies together if that is less: what lacks elsewhere is made good."""
    here = Money(sums.get(currency, 0), currency)
    rates = current_rates()
    others = [Money(minor, code) for code, minor in sums.items() if minor and code != currency]
    return min(here, sum((_worth(rates, money, currency) for money in others), here))


def _worth(rates: Rates, money: Money, currency: str) -> Money:
    """At the rates of now, against the platform; a gain without a rate counts nothing, a loss without one refuses."""
    try:
        if money.amount < 0:
            return -rates.convert(-money, currency, up=True)
        return rates.convert(money, currency)
    except FxError as error:
        if money.amount > 0:
            return Money(0, currency)
        raise PayoutRefused(
            _("%(loss)s is missing, and no rate says what that is in %(currency)s.")
            % {"loss": -money, "currency": currency}
        ) from error


@transaction.atomic
def propose_drawing(*, amount: Money, why: str, by: User) -> Drawing:
    """The first person. PayoutRefused when it is more than there is room for."""
    _staff(by)
    if amount.amount <= 0:
        raise PayoutRefused(_("%(amount)s is not more than nothing.") % {"amount": amount})
    if not why.strip():
        raise PayoutRefused(_("Say why."))
    _fits(amount)
    return Drawing.objects.create(
        currency=amount.currency, amount_minor=amount.amount, why=why.strip()[:200], proposed_by=by
    )


@transaction.atomic
def approve_drawing(drawing: Drawing, *, by: User) -> Drawing:
    """The second person: it is out of the income, and kept back at the bank. Refused when it does not fit any more.

    A loss that is half written, in whatever currency, is waited for: no journal that comes before this one is missed.
    """
    _staff(by)
    drawing = _locked(drawing, State.APPROVED)
    hold_writers(codes.clearing(BANK, drawing.currency))
    refuse_when_frozen()
    if by == drawing.proposed_by:
        raise PayoutRefused(_("Who proposed it does not approve it."))
    _fits(drawing.amount)
    drawing.state, drawing.approved_by, drawing.approved_at = State.APPROVED, by, now()
    drawing.save(update_fields=["state", "approved_by", "approved_at"])
    legs = [
        (codes.drawn(drawing.currency), drawing.amount_minor),
        (codes.drawings(drawing.currency), -drawing.amount_minor),
    ]
    post(f"drawing:{drawing.pk}", "drawing", str(drawing.pk), legs)
    return drawing


@transaction.atomic
def record_drawing(drawing: Drawing, *, bank_reference: str, by: User) -> Drawing:
    """The bank has sent it. Who approved it does not say so."""
    _staff(by)
    drawing = _locked(drawing, State.TAKEN)
    reference = bank_reference.strip()
    if not reference or len(reference) > 128:
        raise PayoutRefused(_("Give the bank's reference, at most 128 characters."))
    if by == drawing.approved_by:
        raise PayoutRefused(_("Who approved it does not confirm it."))
    drawing.state, drawing.bank_reference = State.TAKEN, reference
    drawing.ended_by, drawing.ended_at = by, now()
    try:
        with transaction.atomic():
            drawing.save(update_fields=["state", "bank_reference", "ended_by", "ended_at"])
    except IntegrityError as error:
        raise PayoutRefused(_("%(ref)s is another withdrawal's reference.") % {"ref": reference}) from error
    legs = [
        (codes.drawings(drawing.currency), drawing.amount_minor),
        (codes.clearing("bank", drawing.currency), -drawing.amount_minor),
    ]
    post(f"drawing:{drawing.pk}:taken", "drawing_taken", reference, legs)
    return drawing


@transaction.atomic
def cancel_drawing(drawing: Drawing, *, by: User) -> Drawing:
    """Before it left: what was approved is income again."""
    _staff(by)
    drawing = _locked(drawing, State.CANCELED)
    was_approved = drawing.state == State.APPROVED
    drawing.state, drawing.ended_by, drawing.ended_at = State.CANCELED, by, now()
    drawing.save(update_fields=["state", "ended_by", "ended_at"])
    if was_approved:
        legs = [
            (codes.drawings(drawing.currency), drawing.amount_minor),
            (codes.drawn(drawing.currency), -drawing.amount_minor),
        ]
        post(f"drawing:{drawing.pk}:canceled", "drawing_back", str(drawing.pk), legs)
    return drawing


def _fits(amount: Money) -> None:
    limits = room(amount.currency)
    if amount > limits.most:
        raise PayoutRefused(
            _(
                "At most %(most)s can be taken out: %(earned)s earned and not drawn, %(beyond)s beyond what is owed, "
                "%(bank)s at the bank."
            )
            % {"most": limits.most, "earned": limits.earned, "beyond": limits.beyond, "bank": limits.at_bank}
        )


def _locked(drawing: Drawing, to: str) -> Drawing:
    """The row, locked, if its life allows the move."""
    drawing = Drawing.objects.select_for_update(of=("self",)).get(pk=drawing.pk)
    if to not in Drawing.NEXT[drawing.state]:
        raise PayoutRefused(_("This withdrawal is %(state)s.") % {"state": drawing.get_state_display()})
    return drawing


def _staff(by: User) -> None:
    if not by.is_staff:
        raise PayoutRefused(_("Only staff take out the platform's income."))
