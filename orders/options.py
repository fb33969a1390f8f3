"""What each side may do with an order now. Pages offer it, the API names it; the services check again, under a lock."""

from __future__ import annotations

from collections.abc import Callable

from orders.models import Order, Return
from orders.returns import giving_back, withdrawal
from orders.returns import life as returns

Status, State = Order.Status, Return.State
STARTED = (Status.SHIPPED, Status.DELIVERED, Status.COMPLETED, Status.SPLIT)
Rules = dict[str, Callable[[Order], bool]]

BUYER: Rules = {
    "delivered": lambda order: order.status == Status.SHIPPED,
    "confirm": lambda order: order.status in (Status.SHIPPED, Status.DELIVERED),
    "dispute": lambda order: Status.DISPUTED in Order.NEXT[order.status],
    "cancel": lambda order: order.status == Status.PAID and not _made_to_wishes(order),
    "address": lambda order: order.status == Status.PAID,
    "withdraw": lambda order: bool(withdrawal.lines(order)),
    "answer_offer": lambda order: order.status == Status.DISPUTED and _has_offer(order),
    "return": lambda order: order.status in STARTED and any(line.left for line in order.lines.all()),
}
SELLER: Rules = {
    "ship": lambda order: order.status == Status.PAID,
    "cancel": lambda order: order.status == Status.PAID,
    "address": lambda order: order.status == Status.PAID and asked_address(order) is not None,
    "parcel": lambda order: order.status in (Status.SHIPPED, Status.DELIVERED),
    "came_back": lambda order: order.status == Status.SHIPPED,
    "answer": lambda order: order.status == Status.DISPUTED and order.dispute.answered_at is None,
    "offer": lambda order: order.status == Status.DISPUTED,
    "refund": lambda order: order.status in giving_back.OPEN,
}
# While goods travel back, by the state of the return.
BUYERS_STEP: dict[str, set[str]] = {State.ASKED: {"keep"}, State.AUTHORIZED: {"keep", "sent"}}
SELLERS_STEP: dict[str, set[str]] = {
    State.ASKED: {"authorize", "refuse"},
    State.AUTHORIZED: {"received"},
    State.SENT: {"received", "contest"},
}


def of_buyer(order: Order) -> set[str]:
    """A return that is under way comes first: until it ends, the buyer does nothing else."""
    back = returns.live(order)
    return BUYERS_STEP.get(back.state, set()) if back else _allowed(BUYER, order)


def of_seller(order: Order) -> set[str]:
    back = returns.live(order)
    step = SELLERS_STEP.get(back.state, set()) if back else set()
    if back is not None and back.kind == Return.Kind.WITHDRAWAL:
        step = step - {"refuse"}
    return _allowed(SELLER, order) | step


def asked_address(order: Order) -> dict[str, str] | None:
    """Where the buyer would like it to go instead, until the seller answers or ships; reads `address_changes`."""
    if order.status != Status.PAID:
        return None
    return next((change.address for change in order.address_changes.all() if change.answered_at is None), None)


def _allowed(rules: Rules, order: Order) -> set[str]:
    return {name for name, is_allowed in rules.items() if is_allowed(order)}


def _has_offer(order: Order) -> bool:
    return any(offer.ended_at is None for offer in order.dispute.offers.all())


def _made_to_wishes(order: Order) -> bool:
    return any(line.no_withdrawal == "custom" for line in order.lines.all())
