"""`manage.py demo_code EMAIL`: the one-time code of a demo account, so that nobody needs a phone to try the admin."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.models import User
from marketplace.second_factor import current_code, seconds_left, was_used


class Command(BaseCommand):
    help = "Print a working one-time code of a demo account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("demo_code works in the demo only. Real staff use their own authenticator app.")
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"There is no account {email}. The demo prints its accounts when it starts.")
        self.stdout.write(self._code(user))

    def _code(self, user: User) -> str:
        try:
            code = current_code(user)
            if was_used(user, code) or seconds_left() < 3:  # a code works once, and typing takes a moment
                self.stderr.write(f"Waiting {seconds_left()} s for the next code ...")
                time.sleep(seconds_left())
                code = current_code(user)
        except Authenticator.DoesNotExist:
            raise CommandError(f"{user.email} has no second factor; log in with the password alone.") from None
        return code
