"""`manage.py make_roles`: the groups moderator and finance, with exactly the rights in marketplace/roles.py."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.roles import ROLES, make_roles


class Command(BaseCommand):
    help = "Make the groups of staff, or give those that exist exactly their rights again."

    def handle(self, *args: Any, **options: Any) -> None:
        make_roles()
        for name, codes in ROLES.items():
            self.stdout.write(f"{name}: {len(codes)} rights")
        self.stdout.write("A superuser puts people into them in the admin under Users.")
