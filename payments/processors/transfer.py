"""Bank transfers of buyers: our account and a reference; the bank's statements, uploaded by people, say what came.

Values in, values out. The memory is a `Book` of what was asked for and what arrived; it comes from outside.
A payment's `processor_ref` is its ISO 11649 reference, whose check digits catch a slip of the pen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from stdnum.iso7064 import mod_97_10

from fx.money import Money
from marketplace.lib.clock import now
from payments.bankin.expected import SLUG, Book, Expected
from payments.bankin.payins import DatabaseBook
from payments.bankrecord import of_transfers
from payments.processors.base import BadSignature, Can, Movement, Outcome, Processor, Refused, Update

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else


class BankTransfer(Processor):
    """Config: `debtor_name`, `accounts` (currency to IBAN), `bic`, `days` that a transfer may take."""

    slug: ClassVar[str] = SLUG
    label: ClassVar[str] = gettext_noop("Bank transfer")
    can: ClassVar[Can] = Can.CANCEL
    record_lags: ClassVar[dt.timedelta] = dt.timedelta(days=10)

    def __init__(self, config: Mapping[str, Any], *, book: Book | None = None) -> None:
        super().__init__(config)
        self.book = book or DatabaseBook()

    @property
    def lifetime(self) -> dt.timedelta:
        return dt.timedelta(days=self.config["days"])

    @property
    def note(self) -> str:
        return _("Takes one to three days; the order counts as paid when our bank shows it.")

    def accepts(self, money: Money, country: str) -> bool:
        named = {self.config["debtor_name"], self.config["bic"]}.isdisjoint({"", "-"})
        return named and money.currency in self.config["accounts"]

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        try:
            expected = self.book.open(ref)
        except LookupError as error:
            raise Refused(str(error)) from error
        if expected.due != money or not self.accepts(money, ""):
            raise Refused(f"Payment {ref} asks for {expected.due}, the call for {money}.")
        reference = reference_of(ref)
        client = {
            "reference": reference,
            "holder": self.config["debtor_name"],
            "iban": self.config["accounts"][money.currency],
            "bic": self.config["bic"],
        }
        return Update("payment", reference, Outcome.ACTION, Money(0, money.currency), key=key, client=client)

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        """By reference only: a create that may not have happened is simply repeated and finds the same one."""
        expected = self.book.at(ref) if ref and kind == "payment" else None
        return None if expected is None or ref is None else self._said(ref, expected)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature("The bank sends no webhooks.")

    def cancel(self, key: str, ref: str) -> Update:
        """Canceled only when nothing came; too little is expired then, and goes back."""
        expected = self.book.at(ref)
        if expected is None:
            raise Refused(f"No payment has the reference {ref}.")
        said = self._said(ref, expected)
        if said.outcome == Outcome.SUCCEEDED:
            return said
        outcome = Outcome.EXPIRED if expected.received else Outcome.CANCELED
        return Update("payment", ref, outcome, expected.received, key=key)

    @property
    def keeps_record(self) -> bool:
        return True

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """What the bank's statements say of buyers' transfers, as it was told in that time."""
        return of_transfers(since, until)

    def _said(self, ref: str, expected: Expected) -> Update:
        outcome = Outcome.SUCCEEDED if expected.received >= expected.due else Outcome.PARTIAL
        if outcome == Outcome.PARTIAL and now() >= expected.expires_at:
            outcome = Outcome.EXPIRED
        elif not expected.received:
            outcome = Outcome.ACTION
        paid_at = expected.booked_at if outcome == Outcome.SUCCEEDED else None
        return Update("payment", ref, outcome, expected.received, occurred_at=paid_at)


def reference_of(ref: str) -> str:
    """RF, two check digits and twelve signs: always the same for one payment."""
    number = int.from_bytes(hashlib.sha256(ref.encode()).digest()[:8])
    body = "".join(LETTERS[number >> 5 * place & 31] for place in range(12))
    return f"RF{mod_97_10.calc_check_digits(f'{body}RF')}{body}"
