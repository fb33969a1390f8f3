"""The platform's bank: pays what a file tells it to, takes what buyers transfer, and writes statements of that."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from xml.etree import ElementTree

from fx.money import Money, total
from payments.bankin.demo import PAYER, Told, statement

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
CURRENCY, IBAN = "EUR", "DE75512108001245126199"


class Bank:
    """`messages`: by file the payouts and amounts that it was told to pay. `received`: what came, by reference.

    A statement shows transfers of buyers only: what else moved the account has its own record.
    """

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, str]] = {}
        self.received: dict[str, list[Money]] = {}
        self.statements: list[bytes] = []
        self._lock, self._fresh, self._closed = threading.Lock(), list[Told](), Money(0, CURRENCY)

    def take(self, xml: bytes) -> None:
        root = ElementTree.fromstring(xml)
        message = root.findtext(f".//{PAIN}MsgId") or ""
        self.messages[message] = {
            one.findtext(f".//{PAIN}EndToEndId") or "": one.findtext(f".//{PAIN}InstdAmt") or ""
            for one in root.iter(f"{PAIN}CdtTrfTxInf")
        }

    def transfers(self) -> Counter[str]:
        """How many messages pay each payout."""
        return Counter(payout for message in self.messages.values() for payout in message)

    def receive(self, reference: str, amount: Money) -> None:
        """A buyer's transfer. Two alike are two."""
        with self._lock:
            self.received.setdefault(reference, []).append(amount)
            number = sum(map(len, self.received.values()))
            self._fresh.append(Told(amount, f"CREDIT{number}", text=reference, name="Buyer", iban=PAYER))

    def statement(self) -> bytes | None:
        """What came since the last one; none when nothing did. The first one shows the account as it was opened."""
        with self._lock:
            if self.statements and not self._fresh:
                return None
            told, self._fresh = self._fresh, []
        number = str(len(self.statements) + 1)
        text = statement(IBAN, self._closed, told, at=dt.datetime.now(dt.UTC), number=number)
        self._closed += total((one.amount for one in told), CURRENCY)
        self.statements.append(text.encode())
        return self.statements[-1]
