"""The tables behind the border: rules that load once and keep an operator's edit, goods and countries that stop."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from listings.customs.advice import ADVICE
from listings.customs.rules import rulebook
from listings.customs.seed import load_rules, read_codes, read_rules
from listings.customs.stops import embargoes, stopped, warnings
from listings.models import HSCode, ImportRule
from listings.shipping import add_business_days
from tests.listings.world import BOOK

pytestmark = pytest.mark.django_db
RULES = Path("listings/data/import_rules.csv")


def german() -> ImportRule:
    return ImportRule.objects.get(country="DE")


def test_a_fresh_database_knows_every_rule_and_code_and_loading_again_changes_nothing() -> None:
    assert (ImportRule.objects.count(), HSCode.objects.count()) == (65, len(list(read_codes())))
    loaded = load_rules(ImportRule, read_rules())
    assert (loaded.created, loaded.updated, loaded.unchanged, loaded.kept) == (0, 0, 65, [])


def test_loading_never_overwrites_an_operators_edit(capsys: pytest.CaptureFixture[str]) -> None:
    rule = german()
    rule.note = "Checked with our broker."
    rule.save()
    call_command("load_import_rules", str(RULES))
    assert german().note == "Checked with our broker."
    assert "DE from 2026-07-01: edited by hand, left as it is." in capsys.readouterr().err


def test_a_newer_file_changes_an_untouched_rule(tmp_path: Path) -> None:
    newer = tmp_path / "rules.csv"
    newer.write_text(RULES.read_text().replace("DE,19.0,", "DE,20.0,"))
    call_command("load_import_rules", str(newer))
    assert german().standard_vat_rate == 20


def test_two_rules_of_one_country_never_overlap(capsys: pytest.CaptureFixture[str]) -> None:
    twin = german()
    twin.pk, twin.effective_from = None, dt.date(2026, 12, 1)
    with pytest.raises(IntegrityError, match="import_rule_one_at_a_time"), transaction.atomic():
        twin.save(force_insert=True)
    ImportRule.objects.filter(country="DE").delete()
    twin.save(force_insert=True)
    call_command("load_import_rules", str(RULES))
    assert "overlaps a rule that is there" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_names_its_line_and_changes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "rules.csv"
    broken.write_text(RULES.read_text().replace("DE,19.0,", "DE,nineteen,"))
    with pytest.raises(CommandError, match=r"rules.csv:\d+"):
        call_command("load_import_rules", str(broken))
    assert german().standard_vat_rate == 19


def test_the_kept_book_follows_every_change_of_a_row() -> None:
    day = dt.date(2026, 11, 22)
    before = rulebook()
    assert rulebook() is before
    ImportRule.objects.filter(country="DE").update(standard_vat_rate=20)
    rule = rulebook().find("DE", day)
    assert rule is not None
    assert rule.vat_rate * 100 == 20
    ImportRule.objects.filter(country="DE").delete()
    assert rulebook().find("DE", day) is None


def test_codes_are_added_and_plain_names_stay(tmp_path: Path) -> None:
    full = tmp_path / "hs.csv"
    full.write_text("section,hscode,description\nI,01,Animals\nXI,621410,Shawls; of silk\nXI,621420,Of wool\n")
    kept = HSCode.objects.get(code="621410").name
    call_command("load_hs", str(full))
    assert HSCode.objects.get(code="621410").name == kept
    assert not HSCode.objects.filter(code="01").exists()
    assert HSCode.objects.filter(code="621420").exists()


@pytest.mark.parametrize(
    ("hs_code", "origin", "destination", "reason"),
    [
        ("930390", "IN", "DE", "weapons"),
        ("850760", "IN", "DE", "lithium"),
        ("621410", "IN", "KP", "No trade with KP"),
        ("621410", "RU", "DE", "No trade with RU"),
        ("020110", "IN", "DE", "meat"),
        ("170410", "IN", "SG", "import ban"),
    ],
)
def test_forbidden_goods_and_countries_stop(hs_code: str, origin: str, destination: str, reason: str) -> None:
    stop = stopped(hs_code, "Thing", origin, destination)
    assert stop is not None
    assert reason in str(stop)


@pytest.mark.parametrize(
    ("hs_code", "title", "origin", "destination"),
    [
        ("621410", "Scarf", "IN", "DE"),
        ("820559", "Glue gun", "IN", "DE"),  # a word is not a class of goods
        ("850760", "Power bank", "DE", "DE"),  # what the post refuses across borders
        ("020110", "Ham", "ES", "DE"),  # within the union
        ("640399", "Shoes", "IN", "NG"),  # the table is not sure
        ("970121", "Painting", "IN", "DE"),  # a permit is told, not enforced
    ],
)
def test_what_is_not_surely_forbidden_goes(hs_code: str, title: str, origin: str, destination: str) -> None:
    assert stopped(hs_code, title, origin, destination) is None


def test_a_counterfeit_is_stopped_by_its_name() -> None:
    assert stopped("420221", "Counterfeit handbag", "IN", "DE") is not None


@pytest.mark.parametrize(
    ("hs_code", "title", "destination", "advice", "rule"),
    [
        ("850760", "Power bank", "DE", "within the seller’s own country", "all countries, HS 8507, 850760, 850650"),
        ("170410", "Gum", "SG", "choose another address", "SG, HS 170410"),
        ("420221", "Replica bag", "DE", "take that word out", "all countries, “replica”, “counterfeit”"),
        ("621410", "Scarf", "KP", "Only another country helps", "KP, UN, US, EU, UK"),
    ],
)
def test_a_stop_says_what_can_be_done_and_by_which_rule(
    hs_code: str, title: str, destination: str, advice: str, rule: str
) -> None:
    stop = stopped(hs_code, title, "IN", destination)
    assert stop is not None
    assert advice in stop.told
    assert f"(Rule: {rule}" in stop.told
    assert stop.told.endswith(" Source: general knowledge, not looked up.)")


def test_every_row_of_both_tables_names_its_source_and_what_can_be_done() -> None:
    stops = [row.stop(row.level, row.reason) for row in rulebook().restrictions] + list(embargoes().values())
    assert len(stops) == 42 + len(embargoes())
    assert [stop.rule for stop in stops if not stop.source or stop.remedy not in ADVICE] == []


def test_a_moderator_is_warned_by_class_and_by_word() -> None:
    found = [str(stop) for stop in warnings("970121", "Antique gun case")]
    assert any("cultural-property" in reason for reason in found)
    assert any("weapons" in reason for reason in found)


def test_every_member_of_the_union_borrows_its_duty() -> None:
    rule = BOOK.find("FI", dt.date(2026, 11, 22))
    assert rule is not None
    assert (rule.scheme, rule.low_value_duty[:8], str(rule.vat_rate)) == (
        "IOSS",
        "flat:300",
        "51/200",
    )


def test_business_days_leave_out_weekends() -> None:
    friday = dt.date(2026, 11, 20)
    assert add_business_days(friday, 1) == dt.date(2026, 11, 23)
    assert add_business_days(friday, 6) == dt.date(2026, 11, 30)
