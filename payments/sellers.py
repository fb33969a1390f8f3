"""One lock per seller, taken before their payable or debt is read: two releases or payouts never meet."""

from __future__ import annotations

from marketplace.models import User


def lock_seller(user_id: int) -> None:
    """Until the transaction ends. Rows that refer to the user can still be written."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
