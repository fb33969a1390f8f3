"""Who of the staff may answer a buyer's bank."""

from __future__ import annotations

from django.db.models import Q

from marketplace.models import User

APP, RIGHT = "payments", "change_chargeback"


def who_answers() -> list[User]:
    """Staff who may answer banks."""
    allowed = Q(is_superuser=True) | Q(
        groups__permissions__codename=RIGHT, groups__permissions__content_type__app_label=APP
    )
    people = User.objects.filter(allowed, is_staff=True, is_active=True)
    return list(people.distinct().order_by("pk"))
