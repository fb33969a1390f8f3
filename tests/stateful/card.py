"""Cards: the far end keeps 2 % of what was paid; the estimate on the fee sheet is 3 %. A bank may ask it all back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fx.money import Money
from payments.processors.base import Claim, Outcome, Update
from tests.payments import pocket

ENDS = {"won": Outcome.SUCCEEDED, "lost": Outcome.REVERSED}


@dataclass
class Dispute(pocket.Thing):
    """A buyer's bank took `received` of the payment `about`; `moves`: how often money went to it or came back."""

    about: str = ""
    moves: int = 1

    def decide(self, end: str) -> None:
        if self.outcome == Outcome.ACTION:
            self.outcome = ENDS[end]
            if end == "won":
                self.received, self.moves = Money(0, self.money.currency), 2


def ask_back(far: pocket.FarEnd, payment: pocket.Thing) -> Dispute:
    """The bank takes all of it, whatever was refunded meanwhile."""
    name = f"dispute_{len(far.things) + 1}"
    found = Dispute(name, "dispute", name, payment.received, Outcome.ACTION, payment.received, about=payment.id)
    far.things[name] = found
    return found


class Card(pocket.Pocket):
    """Keeps 2 % of what was paid; the estimate on the fee sheet is 3 %."""

    slug: ClassVar[str] = "card"
    label: ClassVar[str] = "Card"

    def fee(self, money: Money, country: str) -> Money:
        return money.bps(300, up=True)

    def _told(self, thing: pocket.Thing) -> Update:
        if not isinstance(thing, Dispute):
            return super()._told(thing)
        claim = Claim(thing.about, False, "fraudulent", thing.received, thing.moves)
        return Update("dispute", thing.id, thing.outcome, thing.money, claim=claim)
