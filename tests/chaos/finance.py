"""Sellers who ask for their money, and two of the staff who send it: by file to the bank, or by Stripe."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from payments.doubles.stripe.store import Store
from tests.chaos.bank import Bank
from tests.chaos.issuer import answered
from tests.chaos.people import Clerk, Person
from tests.chaos.site import Site
from tests.chaos.wire import FAILED, STRIPE, ask

BUYS = {"INR": 100, "MXN": 20}  # for one euro
BY_CARD_NETWORK = "EUR"  # what its seller has goes to an account at Stripe
ORDER = ["requested", "approved", "sent", "paid"]
SETTLES_EVERY = 3  # rounds; in between the money is Stripe's to send


class Finance(threading.Thread):
    """Pays the sellers again and again until `enough` is set, and shows the site what its bank received, for as long as
    a buyer may wait for that. `told`: the last state of each payout that was read."""

    def __init__(
        self, site: Site, people: dict[str, Any], bank: Bank, enough: threading.Event, waits: Callable[[], bool]
    ) -> None:
        """`people`: the sellers' tokens by currency, two sessions of staff, and that of the seller whom Stripe pays."""
        super().__init__(daemon=True)
        self.site, self.bank, self.enough, self.waits = site, bank, enough, waits
        self.answers: Counter[str] = Counter()
        self.sellers = {ccy: Person(site.port, token, self.answers) for ccy, token in people["sellers"].items()}
        self.approver, self.confirmer = (Clerk(site.port, session, self.answers) for session in people["staff"])
        self.payee = Clerk(site.port, people["payee"], self.answers)
        self.told, self.numbers = dict[str, str](), itertools.count(1)
        self.broken: Exception | None = None

    def run(self) -> None:
        try:
            self.show()
            self.open_account()
            for number in itertools.count():
                if self.enough.wait(2) and not self.waits():
                    break
                self.show()
                if not self.enough.is_set():
                    self.round(number)
            self.collect()
        except Exception as error:
            self.broken = error

    def round(self, number: int) -> None:
        """Sellers ask now and then, so that something stays payable meanwhile."""
        self.fund(number)
        self.site.free_reserves()
        for place, currency in enumerate(self.sellers):
            if (number + place) % 2:
                self.ask_for(currency)
            self.send(currency)

    def open_account(self) -> None:
        """A seller says at Stripe who they are; from then on Stripe can pay them."""
        assert self.payee.submit("/sell/money/method/open-account/")
        answered(self._finish)

    def _finish(self) -> None:
        for account in Store(self.site.double).every("account"):
            ask(self.site.stripe, "POST", f"/_double/accounts/{account['id']}", {}, STRIPE)

    def show(self) -> None:
        """The bank's statement. The same file again is harmless, so that it is uploaded until there is an answer."""
        if file := self.bank.statement():
            assert self.confirmer.upload("/admin/payments/bankmessage/add/", file)

    def fund(self, number: int) -> None:
        """Now and then Stripe's money comes to our bank; half of it is exchanged into each seller's currency."""
        if number % SETTLES_EVERY:
            return
        try:
            _status, paid = ask(self.site.stripe, "POST", "/_double/settle", {"currency": "eur"}, STRIPE)
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
                self._leave(name, currency)
            elif state == "sent" and currency != BY_CARD_NETWORK:
                form = {"outcome": "paid", "text": f"BANK {name[:8]}"}
                self.confirmer.submit(f"/admin/payments/payout/{name}/end/", **form)
        self.collect()

    def _leave(self, name: str, currency: str) -> None:
        if currency == BY_CARD_NETWORK:
            self._mature()
            self._choose(self.confirmer, "transfer", name)
        else:
            self._choose(self.approver, "make_file", name)

    def _mature(self) -> None:
        """Stripe's days of waiting are over. If not, it may refuse the transfer, whose money is then payable again."""
        with suppress(*FAILED):
            ask(self.site.stripe, "POST", "/_double/mature", {"currency": "eur"}, STRIPE)

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
