"""Write the bank's statement for what is open, so that a person can try the loop. Refused outside the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.lib.clock import now
from payments.bankin.demo import statement_of_open
from payments.models import Payout, PayoutMethod


class Command(BaseCommand):
    help = "In the demo: write a camt.053 for what is open at the bank; upload it in the admin (files of the bank)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("currency", help="the account, for example EUR")
        parser.add_argument("--to", default=".", help="the folder to write into")
        parser.add_argument("--return", dest="returned", action="append", default=[], help="a paid payout's id")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("Statements come from your bank here. Only the demo makes its own.")
        currency = options["currency"].upper()
        iban = settings.PROCESSORS["bank"]["accounts"].get(currency)
        if iban is None:
            raise CommandError(f"No bank account in {currency}. Add {currency}:IBAN to BANK_ACCOUNTS.")
        returned = [self._paid(one, currency) for one in options["returned"]]
        at = now()
        text = statement_of_open(currency, iban, returned=returned, at=at)
        if text is None:
            raise CommandError(f"Nothing is open in {currency}: no payout was sent, nothing recorded.")
        path = Path(options["to"]) / f"camt053-{currency}-{at:%Y%m%d%H%M%S}.xml"
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{path}: a made-up statement. Upload it at /admin/payments/bankmessage/add/")

    def _paid(self, given: str, currency: str) -> Payout:
        paid = Payout.objects.filter(state=Payout.State.PAID, currency=currency, method__kind=PayoutMethod.Kind.BANK)
        try:
            payout = paid.filter(pk=given).first()
        except ValidationError:
            payout = None
        if payout is None:
            raise CommandError(f"No paid payout to a bank in {currency} has the id {given}.")
        return payout
