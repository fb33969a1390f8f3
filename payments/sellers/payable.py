"""One lock per seller, taken before their payable or debt is read: two releases or payouts never meet."""

from __future__ import annotations

from collections.abc import Iterable

from fx.money import Money
from marketplace.models import User
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import Leg


def lock_seller(user_id: int) -> None:
    """Until the transaction ends. Rows that refer to the user can still be written."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_sellers(user_ids: Iterable[int]) -> None:
    """Several, in the one order that keeps two of these from waiting for each other."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=user_ids).order_by("pk").values_list("pk"))


def made_payable(user_id: int, amount: Money) -> list[Leg]:
    """The legs that give the seller `amount`, an open debt first, the rest as payable. Locks the seller."""
    lock_seller(user_id)
    debt = codes.seller_debt(user_id, amount.currency)
    repaid = min(balance(debt), amount)
    return [(debt, -repaid.amount), (codes.seller(user_id, amount.currency), -(amount - repaid).amount)]
