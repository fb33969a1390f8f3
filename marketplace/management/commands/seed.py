"""Fill a demo or test database with people, shops, goods, rates and, when asked, orders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fx.services import refresh_history, refresh_rates
from marketplace.seeding.catalogue import GOODS
from marketplace.seeding.copies import multiply
from marketplace.seeding.plant import more_pictures, plant
from marketplace.seeding.trade import trade
from orders.models import Checkout

PLAYED = 200  # one by one, by the services; more are copies of those


class Command(BaseCommand):
    help = "Fill the demo with people, shops, goods and rates; refuses outside the demo and tests."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listings", type=int, default=len(GOODS), help="how many listings there shall be")
        parser.add_argument(
            "--orders",
            type=int,
            default=0,
            help=f"how many orders to place and play to the end; above {PLAYED} on a fresh site they are copied",
        )
        parser.add_argument("--random-seed", type=int, default=1, help="the same seed gives the same variations")
        parser.add_argument("--more-pictures", action="store_true", help="only draw the further views of each listing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError(
                "seed makes accounts with a known password: it runs in the demo only (ENTREPOT_ENV=demo)."
            )
        if options["more_pictures"]:
            more_pictures(say=self.stdout.write)
            return
        refresh_rates()
        refresh_history()
        plant(listings=options["listings"], random_seed=options["random_seed"], say=self.stdout.write)
        self._trade(options["orders"], options["random_seed"])

    def _trade(self, orders: int, random_seed: int) -> None:
        """Few are played; of many a part is played and copied. A copy's payment is not known to Stripe's double."""
        copies = 1 if Checkout.objects.exists() else max(1, orders // PLAYED)
        played = orders // copies
        trade(orders=played, random_seed=random_seed, say=self.stdout.write)
        if copies > 1:
            multiply(copies, say=self.stdout.write)
            trade(orders=orders - played * copies, random_seed=random_seed + 1, say=self.stdout.write)
