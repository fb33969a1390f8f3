"""Who reads which entries in the proof of an order; the rest is shown as its hash."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fx.money import Money
from orders.models import Order
from orders.proofwords import what, whose
from payments.ledger import codes
from payments.models import Journal
from payments.proof.proving import Shows, of_order

OWN = frozenset({"release", "reserve_freed", "kept_fee"})  # journals about one order and nobody else's


def for_seller(order: Order) -> Shows:
    """Of what the order became all; of the buyer's payment, perhaps for several shops, only what is held for it."""
    held = codes.hold(order.number, order.currency).code
    mine = f"seller:{order.shop.owner_id}:"

    def shows(journal: Journal, code: str) -> bool:
        if code == held or code.startswith(mine):
            return True
        return journal.kind in OWN and journal.ref == order.number and not code.startswith(("buyer:", "seller:"))

    return shows


def for_buyer(journal: Journal, code: str) -> bool:
    """All but how the seller's money is divided: their debt and reserve are nobody else's business."""
    return not code.startswith("seller:")


def for_staff(journal: Journal, code: str) -> bool:
    return True


def proof(order: Order, shows: Shows) -> dict[str, Any]:
    return of_order(order.number, order.currency, shows)


def with_money(order: Order, shows: Shows) -> dict[str, Any]:
    """The same for a page: amounts as money, times as such, kinds and accounts in words."""
    found = proof(order, shows)
    for journal in found["journals"]:
        journal["what"], journal["on"] = what(journal["kind"]), dt.datetime.fromisoformat(journal["at"])
        journal["sealed"] = sum("hidden" in entry for entry in journal["entries"])
        for entry in journal["entries"]:
            if "hidden" not in entry:
                entry["money"] = Money(entry["amount"], entry["currency"])
                entry["whose"] = whose(entry["account"])
    return found
