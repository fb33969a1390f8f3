"""Suspending an account: it cannot log in, its sessions and API tokens stop at once, and the person is told why."""

from __future__ import annotations

from django.db import transaction
from rest_framework.authtoken.models import Token

from marketplace import letters
from marketplace.lib.clock import now
from marketplace.models import User


class SuspensionRefused(Exception):
    """Says in plain words why not."""


@transaction.atomic
def suspend(user: User, *, by: User, reason: str) -> User:
    """Stop the account and write its owner a letter with the reason. Money that is due stays due."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise SuspensionRefused("You cannot suspend yourself. Ask another member of staff.")
    if user.is_superuser and not by.is_superuser:
        raise SuspensionRefused(f"Only a superuser can suspend {user.email}.")
    if user.suspended_at is not None:
        return user
    user.suspended_at, user.is_active = now(), False
    user.save(update_fields=["suspended_at", "is_active"])
    Token.objects.filter(user=user).delete()
    _tell(user, "account_suspended", reason)
    return user


@transaction.atomic
def restore(user: User, *, by: User) -> User:
    """Let the account in again."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.suspended_at is None:
        return user
    stopped, user.suspended_at, user.is_active = user.suspended_at, None, True
    user.save(update_fields=["suspended_at", "is_active"])
    _tell(user, "account_restored", "", since=stopped.isoformat())
    return user


def _tell(user: User, template: str, reason: str, since: str = "") -> None:
    moment = since or (user.suspended_at or now()).isoformat()
    letters.write(
        key=f"{template}:{user.pk}:{moment}",
        to=user.email,
        template=template,
        context={"user": user, "reason": reason},
        language=user.language,
    )
