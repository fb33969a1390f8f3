"""The platform's bank: payouts by a file that an operator uploads. It takes no payments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from django.utils.translation import gettext_noop
from stdnum import bic as bics
from stdnum import iban as ibans

from fx.money import Money
from payments.bankrecord import has_statements, of_bank
from payments.payouts.banktext import latin
from payments.payouts.pain001 import Order, Party, Transfer, build
from payments.processors.base import BadSignature, Can, Movement, Processor, Refused, Update


class Bank(Processor):
    """Config: `debtor_name`, `accounts` (currency to IBAN), `bic`."""

    slug: ClassVar[str] = "bank"
    label: ClassVar[str] = gettext_noop("Bank transfer")
    can: ClassVar[Can] = Can.PAYOUT
    takes_payments: ClassVar[bool] = False
    record_lags: ClassVar[dt.timedelta] = dt.timedelta(days=10)

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """The lines of the bank's own statements that were uploaded in that time."""
        return of_bank(since, until)

    @property
    def keeps_record(self) -> bool:
        return has_statements()

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        raise Refused("The bank takes no payments. Choose another way to pay.")

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        return None

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature("The bank sends no webhooks.")

    def payout_file(
        self,
        message_id: str,
        transfers: Sequence[Transfer],
        *,
        currency: str,
        made_at: dt.datetime,
    ) -> str:
        """pain.001 from our account in `currency`. Refused when we have none, or no name, or no BIC."""
        order = Order(
            message_id=message_id,
            made_at=made_at,
            initiator=self.config["debtor_name"],
            debtor=self.debtor(currency),
            currency=currency,
            transfers=transfers,
        )
        return build(order)

    def debtor(self, currency: str) -> Party:
        """Our account in `currency`. Refused names the setting that is missing."""
        account = self.config["accounts"].get(currency)
        if not account:
            raise Refused(f"No bank account in {currency}. Add {currency}:IBAN to BANK_ACCOUNTS.")
        name, bic = self.config["debtor_name"], self.config["bic"]
        if name in {"", "-"} or bic in {"", "-"}:
            raise Refused("Our bank is not named. Set BANK_DEBTOR_NAME and BANK_BIC.")
        account, bic = account.replace(" ", "").upper(), bic.replace(" ", "").upper()
        if not ibans.is_valid(account):
            raise Refused(f"Our account in {currency}, {account}, is no IBAN. Correct BANK_ACCOUNTS.")
        if not bics.is_valid(bic):
            raise Refused(f"{bic} is no BIC. Correct BANK_BIC.")
        if not latin(name, 70):
            raise Refused("No bank can print our name. Write BANK_DEBTOR_NAME in Latin letters.")
        return Party(name=name, iban=account, bic=bic)
