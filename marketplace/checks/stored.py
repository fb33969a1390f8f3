"""What is kept in the database and must be there before the first sale: staff, texts, rates, rules."""

from __future__ import annotations

import os

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from fx.services import current_rates
from listings.models import ImportRule, Registration, Shop
from listings.services.registrations import known_schemes
from listings.services.rules import wanting_care
from marketplace.checks.findings import Findings, error, of_database, warning
from marketplace.legal import current
from marketplace.lib.clock import today
from marketplace.models import LegalText, User
from marketplace.roles import ROLES
from marketplace.second_factor import has_second_factor

STAFF, TEXTS, RULES = "Staff", "Terms and other texts", "Rates and rules"
SAMPLE = "This is a template that comes with the software"  # how the shipped versions begin
PAYOUTS = Q(is_superuser=True) | Q(groups__name="finance")
NAMED = 5  # people in one message


@of_database
def staff() -> Findings:
    people = User.objects.filter(is_staff=True, is_active=True).order_by("email")
    if not people:
        return [error(30, "Nobody is staff.", "Run manage.py createsuperuser.", STAFF)]
    found, bare = [], [user.email for user in people if not has_second_factor(user)]
    if bare:
        says = f"Staff without a second factor: {_few(bare)}."
        found.append(error(31, says, "Each sets one up at /account/2fa/.", STAFF))
    if people.filter(PAYOUTS).distinct().count() < 2:
        says = "Fewer than two people may handle payouts: who approves one cannot mark it as paid."
        found.append(error(32, says, "Put a second person into the group finance.", STAFF))
    return found


@of_database
def roles() -> Findings:
    missing = set(ROLES) - set(Group.objects.values_list("name", flat=True))
    if not missing:
        return []
    says = f"These roles do not exist: {', '.join(sorted(missing))}."
    return [warning(30, says, "Run manage.py make_roles.", STAFF)]


@of_database
def demo_accounts() -> Findings:
    people = User.objects.filter(email__iendswith="@example.com", is_active=True)
    if not people:
        return []
    says = f"Accounts of the demo, with a published password, can log in: {_few(_emails(people))}."
    return [error(33, says, "Start production on an empty database.", STAFF)]


@of_database
def texts() -> Findings:
    found = []
    for kind in LegalText.Kind:
        try:
            ours = not current(kind).body.startswith(SAMPLE)
        except LegalText.DoesNotExist:
            ours = False
        if not ours:
            says = f"{kind.label}: the sample that comes with the software is in force."
            found.append(error(34, says, "Publish your own version under Legal texts in the admin.", TEXTS))
    return found


@of_database
def rates() -> Findings:
    if current_rates().per_eur:
        return []
    return [warning(31, "There is no usable exchange rate.", "Run manage.py fetch_rates and read what it says.", RULES)]


@of_database
def registrations() -> Findings:
    """What was set once is no longer read; a rule may have lost the scheme that was registered."""
    day, found = today(), []
    if os.environ.get("REGISTRATIONS"):
        says = "REGISTRATIONS is no longer read: the numbers are kept in the admin."
        found.append(error(35, says, "Enter each under Registrations and take the variable away.", "Registrations"))
    ours = [one for one in Registration.objects.all() if one.covers(day)]
    for one in ours:
        if one.scheme not in known_schemes():
            says = f"{one} is in force, but no import rule names the scheme."
            found.append(error(36, says, "Mend the rule, or end the registration.", "Registrations"))
    if not ours:
        says = "No registration is in force: import tax is never collected at checkout, and buyers pay it at the door."
        found.append(warning(14, says, "Enter the numbers that you have under Registrations.", "Registrations"))
    return found


@of_database
def import_rules() -> Findings:
    found: Findings = []
    unseen = ImportRule.objects.filter(checked_on=None).count()
    if unseen:
        says = f"{unseen} import rules were never compared with their source by a person."
        found.append(warning(32, says, "Compare the countries you sell to, and mark them as checked.", RULES))
    aging = wanting_care(today()).exclude(checked_on=None).count()
    if aging:
        says = f"{aging} import rules were not checked for 90 days, end within 60, or have ended and nothing follows."
        found.append(warning(34, says, "Look at them in the admin, under Import rules: wants a look.", RULES))
    return found


@of_database
def currencies_of_shops() -> Findings:
    accounts = set(settings.PROCESSORS.get("bank", {}).get("accounts", {}))
    wanted = set(Shop.objects.values_list("currency", flat=True).distinct())
    return [
        warning(
            33,
            f"Shops price in {currency}, but BANK_ACCOUNTS has no {currency} account to pay them from.",
            f"Add {currency}:IBAN to BANK_ACCOUNTS.",
            "Bank accounts",
        )
        for currency in sorted(wanted - accounts)
    ]


def _emails(people: QuerySet[User]) -> list[str]:
    return list(people.order_by("email").values_list("email", flat=True))


def _few(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
