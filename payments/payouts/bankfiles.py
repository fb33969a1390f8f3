"""Files for the platform's bank: made once of approved payouts, taken by a person, never made again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import BankFile, Payout, PayoutMethod
from payments.payouts import holds as payoutholds
from payments.payouts.corridors import CORRIDORS
from payments.payouts.freezing import refuse_when_frozen
from payments.payouts.locks import locked
from payments.payouts.pain001 import Party, Transfer
from payments.processors import registry
from payments.processors.bank import Bank
from payments.processors.base import Refused
from payments.sellers.payable import lock_seller
from payments.treasury import available

State = Payout.State
PURPOSE = "GDDS"  # ISO 20022 external purpose code: purchase and sale of goods


@transaction.atomic
def make_bank_file(payouts: Sequence[Payout], *, by: User) -> BankFile:
    """One pain.001 file for approved payouts in one currency; they are sent with it.

    PayoutRefused, for all of them, when one lacks a field that its corridor needs, its seller owes money by now, the
    bank account has less by now, or payouts are frozen.
    """
    each = {payout.pk: payout for payout in payouts}
    for seller_id in sorted({payout.seller_id for payout in payouts}):
        lock_seller(seller_id)
    rows = [locked(each[pk], State.SENT) for pk in sorted(each)]
    refuse_when_frozen()
    currency = _currency(rows)
    for row in rows:
        payoutholds.refuse_kept_back(row)
    bank, made_at, message_id = bank_for(currency), now(), f"EP{uuid.uuid4().hex[:28].upper()}"
    if available(currency).amount < 0:
        raise PayoutRefused(_("The bank account has less %(currency)s than was approved.") % {"currency": currency})
    transfers = [_transfer(row) for row in rows]
    xml = bank.payout_file(message_id, transfers, currency=currency, made_at=made_at)
    file = BankFile.objects.create(message_id=message_id, currency=currency, xml=xml, made_by=by, made_at=made_at)
    Payout.objects.filter(pk__in=sorted(each)).update(state=State.SENT, file=file, sent_at=made_at)
    return file


@transaction.atomic
def take_bank_file(file: BankFile, *, by: User) -> BankFile:
    """For the bank. It may be taken again, when an upload was lost: the bank knows the message's id and takes it once.

    PayoutRefused when payouts are frozen, or one of it came back: its money may be on another way already.
    """
    refuse_when_frozen()
    file = BankFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    back = file.payouts.filter(state=State.FAILED).order_by("pk").first()
    if back is not None:
        raise PayoutRefused(
            _("The payout %(id)s in this file came back and is payable again. The bank must not get the file any more.")
            % {"id": back.pk}
        )
    if file.taken_at is None:
        file.taken_at, file.taken_by = now(), by
        file.save(update_fields=["taken_at", "taken_by"])
    return file


def bank_for(currency: str) -> Bank:
    """The bank that can pay in `currency`; PayoutRefused names the setting that is missing."""
    try:
        bank = registry.get("bank")
        assert isinstance(bank, Bank)
        bank.debtor(currency)
    except (Refused, registry.NoProcessor) as error:
        raise PayoutRefused(str(error)) from error
    return bank


def _currency(rows: Sequence[Payout]) -> str:
    """The one of all these; PayoutRefused when they do not make a file."""
    if not rows:
        raise PayoutRefused(_("Choose approved payouts."))
    if any(row.method.kind != PayoutMethod.Kind.BANK for row in rows):
        raise PayoutRefused(_("Only payouts to banks go into a file."))
    currencies = sorted({row.currency for row in rows})
    if len(currencies) > 1:
        raise PayoutRefused(_("A file has one currency, not %(all)s.") % {"all": ", ".join(currencies)})
    return currencies[0]


def _transfer(payout: Payout) -> Transfer:
    method = payout.method
    corridor = CORRIDORS.get(method.country)
    if not method.iban and corridor is None:
        raise PayoutRefused(_("No corridor to banks in %(country)s.") % {"country": method.country})
    by_bic = corridor is not None and corridor.by_bic and not method.iban
    to = Party(
        name=method.holder,
        country=method.home or method.country,
        town=method.town,
        iban=method.iban,
        account=method.account,
        system=corridor.system if corridor and not method.iban else "",
        member="" if by_bic else method.clearing_code,
        bic=method.clearing_code if by_bic else "",
    )
    return Transfer(payout.pk.hex, Money(payout.amount_minor, payout.currency), to, PURPOSE, "Payout")
