"""docs/operate.md names every variable that the settings read, and no other."""

from __future__ import annotations

import csv
import re

import pytest
from django.conf import settings
from django.core.management import get_commands

from marketplace.run.places import BASE
from tests.environment import read_by_settings

PAGE = (BASE / "docs" / "operate.md").read_text()


def in_tables() -> set[str]:
    """Names in the first column of the tables of variables."""
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    return {
        name for cell in cells for name in re.findall(r"`([A-Z][A-Z\d_]+)`", cell) if "_" in name or name == "DEBUG"
    }


def schemes() -> set[str]:
    with (BASE / "listings" / "data" / "import_rules.csv").open() as file:
        return {row["scheme"] for row in csv.DictReader(file)} - {"", "EU"}


def test_every_variable_of_the_settings_is_explained_and_no_other() -> None:
    assert len(read_by_settings()) > 40
    assert read_by_settings() - in_tables() == set()
    assert in_tables() - read_by_settings() == set()


def test_every_scheme_of_the_import_rules_is_listed_and_no_other() -> None:
    rows = PAGE.split("## Registrations")[1].split("\n## ")[0].splitlines()
    listed = {line.split("`")[1] for line in rows if line.startswith("| `")}
    assert listed == schemes()


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", PAGE))
    assert {"check", "audit", "make_roles", "worker"} <= named
    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("metric", sorted(set(re.findall(r"`(entrepot_[a-z_]+)`", PAGE))))
def test_every_metric_that_is_named_is_measured(metric: str) -> None:
    assert metric in (BASE / "marketplace" / "health.py").read_text()


def test_the_event_kinds_are_those_that_stripe_is_heard_for() -> None:
    from payments.processors.stripe_events import HEARD

    section = PAGE.split("## Cards")[1].split("\n## ")[0]
    named = re.findall(r"`((?:payment_intent|refund|charge|payout|transfer|checkout\.session)\.[a-z.*]+)`", section)
    families = {name.rstrip("*") for name in named if name != "payout.paid"}
    assert families == {
        "payment_intent.",
        "refund.",
        "charge.refunded",
        "charge.dispute.",
        "payout.",
        "transfer.",
        "checkout.session.",
    }
    assert all(family.startswith(HEARD) for family in families)


def test_the_defaults_in_the_tables_are_those_of_the_settings() -> None:
    rows = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    numbers = {name: value for name, value in rows.items() if value.isdigit() and hasattr(settings, name)}
    assert {name: str(getattr(settings, name)) for name in numbers} == numbers
    assert {"SPREAD_BPS", "COIN_SPREAD_BPS", "COMMISSION_BPS", "QUOTE_MINUTES", "EMAIL_PORT"} <= set(numbers)
