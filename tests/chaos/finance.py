"""Sellers who ask for their money, two of the staff who send it, and the bank that is told to by file."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from xml.etree import ElementTree

from tests.chaos.people import Clerk, Person
from tests.chaos.wire import FAILED, STRIPE, ask

PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
BUYS = {"INR": 100, "MXN": 20}  # for one euro
ORDER = ["requested", "approved", "sent", "paid"]


@dataclass
class Bank:
    """What it was told to pay: by message the payouts and amounts."""

    messages: dict[str, dict[str, str]] = field(default_factory=dict)

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


class Finance(threading.Thread):
    """Pays the sellers again and again until `enough` is set. `told`: the last state of each payout that was read."""

    def __init__(
        self, site: tuple[int, int], sellers: dict[str, str], sessions: list[str], enough: threading.Event
    ) -> None:
        """`sellers`: a token by currency."""
        super().__init__(daemon=True)
        (web, self.stripe), self.enough = site, enough
        self.answers: Counter[str] = Counter()
        self.sellers = {ccy: Person(web, token, self.answers) for ccy, token in sellers.items()}
        self.approver, self.confirmer = (Clerk(web, session, self.answers) for session in sessions)
        self.bank, self.told, self.numbers = Bank(), dict[str, str](), itertools.count(1)
        self.broken: Exception | None = None

    def run(self) -> None:
        try:
            while not self.enough.wait(3):
                self.fund()
                for currency in self.sellers:
                    self.ask_for(currency)
                    self.send(currency)
            self.collect()
        except Exception as error:
            self.broken = error

    def fund(self) -> None:
        """Stripe pays its balance to the bank; half of it is exchanged into each seller's money."""
        try:
            _status, paid = ask(self.stripe, "POST", "/_double/settle", {"currency": "eur"}, STRIPE)
        except FAILED:
            return  # killed, or the answer was lost: then that money stays euros
        if not paid:
            return
        time.sleep(3)  # its webhook
        for currency, rate in BUYS.items():
            euros = paid["amount"] // 200
            number = next(self.numbers)
            form = {"reference": f"fill {number}", "sold_0": f"{euros}.00", "sold_1": "EUR"}
            self.approver.submit("/admin/payments/fill/add/", **form, bought_0=f"{euros * rate}.00", bought_1=currency)

    def ask_for(self, currency: str) -> None:
        status, answer = self.sellers[currency].call("POST", "payouts/", {"currency": currency}, 201, 409)
        if status == 201:
            self.told[answer["id"]] = answer["state"]

    def send(self, currency: str) -> None:
        """The next step of each payout of one seller."""
        for payout in self.sellers[currency].get("payouts/")["results"]:
            name, state = payout["id"], payout["state"]
            self.told[name] = state
            if state == "requested":
                self._choose(self.approver, "approve", name)
            elif state == "approved":
                self._choose(self.approver, "make_file", name)
            elif state == "sent":
                form = {"outcome": "paid", "text": f"BANK {name[:8]}"}
                self.confirmer.submit(f"/admin/payments/payout/{name}/end/", **form)
        self.collect()

    def collect(self) -> None:
        """The bank takes every file that there is."""
        page = self.approver.open("/admin/payments/bankfile/").decode()
        for link in sorted(set(re.findall(r"/admin/payments/bankfile/\d+/download/", page))):
            self.bank.take(self.approver.open(link))

    def _choose(self, clerk: Clerk, action: str, name: str) -> None:
        clerk.submit("/admin/payments/payout/", action=action, _selected_action=name, index="0")


def back_at(state: str, told: str) -> bool:
    """Whether a payout in `state` lost the step that somebody was told of."""
    return state in ORDER and told in ORDER and ORDER.index(state) < ORDER.index(told)
