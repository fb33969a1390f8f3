"""Import rules as the operator keeps them: history that nobody rewrites, preview, files, warnings, public page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from listings import services
from listings.customs.seed import COLUMNS, parse_rules, write_rules
from listings.models import ImportRule, RuleChange
from listings.services.rules import care, wanting_care
from marketplace.lib.clock import shifted, today
from marketplace.models import User
from tests.listings.test_review import passed

pytestmark = pytest.mark.django_db
DESK = "/admin/listings/importrule/"


@pytest.fixture
def admin(db: None) -> Client:
    user = User.objects.create_user("admin@example.com", "a-long-password", is_staff=True, is_superuser=True)
    return passed(user)


def rule(country: str = "DE", **facts: Any) -> ImportRule:
    return ImportRule.objects.filter(country=country, **facts).latest("effective_from")


def typed(one: ImportRule, **edits: Any) -> dict[str, Any]:
    """What the form of a rule sends."""
    said = {name: getattr(one, name) for name in COLUMNS} | edits
    said = {name: "" if value is None else value for name, value in said.items()}
    if not said["relief_needs_scheme"]:
        del said["relief_needs_scheme"]
    return said


def test_an_edit_is_kept_with_who_when_and_both_values(admin: Client) -> None:
    german = rule()
    admin.post(f"{DESK}{german.pk}/change/", typed(german, standard_vat_rate="20.5", note="A broker said so."))
    change = RuleChange.objects.get()
    assert (change.action, change.country, change.by and change.by.email) == ("edited", "DE", "admin@example.com")
    assert change.before == {"standard_vat_rate": "19", "note": german.note}
    assert change.after == {"standard_vat_rate": "20.5", "note": "A broker said so."}
    german.refresh_from_db()
    assert (german.checked_on, german.checked_by_id) == (today(), change.by_id)
    page = admin.get(f"{DESK}{german.pk}/change/").content.decode()
    assert "History" in page
    assert "19%" in page
    assert "20.5%" in page


def test_saving_unchanged_and_the_action_are_checks(admin: Client) -> None:
    german = rule()
    admin.post(f"{DESK}{german.pk}/change/", typed(german))
    admin.post(DESK, {"action": "checked", "_selected_action": [str(german.pk)]})
    assert [(c.action, c.before, c.after) for c in RuleChange.objects.all()] == [("checked", {}, {})] * 2


def test_adding_and_removing_keep_the_whole_rule(admin: Client) -> None:
    new = typed(rule("CH"), country="LI", name="Liechtenstein", effective_from="2026-01-01", effective_to="")
    assert admin.post(f"{DESK}add/", new).status_code == 302
    added = RuleChange.objects.get()
    assert (added.action, added.before, added.after["country"]) == ("added", {}, "LI")
    lie = rule("LI")
    admin.post(f"{DESK}{lie.pk}/delete/", {"post": "yes"})
    assert not ImportRule.objects.filter(country="LI").exists()
    removed = RuleChange.objects.first()
    assert removed is not None
    assert (removed.action, removed.rule_id, removed.after) == ("removed", added.rule_id, {})
    assert removed.before == added.after


def test_removing_several_at_once_keeps_each(admin: Client) -> None:
    two = [str(rule(country).pk) for country in ("KE", "NG")]
    admin.post(DESK, {"action": "delete_selected", "_selected_action": two, "post": "yes"})
    assert sorted(RuleChange.objects.filter(action="removed").values_list("country", flat=True)) == ["KE", "NG"]


@pytest.mark.parametrize("sql", ["update listings_rulechange set after = '{}'", "delete from listings_rulechange"])
def test_the_history_is_append_only(moderator: User, sql: str) -> None:
    services.save_rule(rule(), by=moderator)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert RuleChange.objects.count() == 1


def test_a_preview_shows_old_beside_new_and_saves_nothing(admin: Client) -> None:
    scheme = rule("EU", effective_from__lte=today())
    page = admin.post(
        f"{DESK}{scheme.pk}/change/",
        typed(scheme, low_value_duty="flat:500:per_hs6:upto=15000", _preview="1"),
    )
    text = " ".join(re.sub("</?bdi[^>]*>", "", page.content.decode()).split())
    assert page.status_code == 200
    assert "nothing is saved yet" in text
    assert "Customs duty: €3.00 → €5.00" in text
    assert "Customs duty: €6.00 → €10.00" in text  # two kinds
    scheme.refresh_from_db()
    assert scheme.low_value_duty == "flat:300:per_hs6:upto=15000"
    assert not RuleChange.objects.exists()
    assert 'value="flat:500:per_hs6:upto=15000"' in text  # what was typed is still there


def test_a_preview_of_a_wrong_form_says_what_is_wrong_and_saves_nothing(admin: Client) -> None:
    german = rule()
    page = admin.post(f"{DESK}{german.pk}/change/", typed(german, low_value_duty="flat:x", _preview="1"))
    assert "no duty that we can compute" in page.content.decode()
    assert not RuleChange.objects.exists()


def test_a_preview_of_a_new_country_stands_beside_nothing(admin: Client) -> None:
    new = typed(rule("CH"), country="LI", name="Liechtenstein", effective_from="2026-01-01", effective_to="")
    text = admin.post(f"{DESK}add/", new | {"_preview": "1"}).content.decode()
    assert "Import charges" in text  # as it is: unknown
    assert not ImportRule.objects.filter(country="LI").exists()


def test_an_export_reads_back_to_the_same_columns(admin: Client) -> None:
    ImportRule.objects.filter(country="JP").update(note='Two "quotes",\na new line; and = no formula')
    answer = admin.get(f"{DESK}csv/")
    assert answer.headers["Content-Disposition"].endswith(f'import_rules-{today():%Y-%m-%d}.csv"')
    text = answer.content.decode()
    rows = parse_rules(text, "export")
    kept = ImportRule.objects.order_by("country", "effective_from").values(*COLUMNS)
    assert rows == list(kept)
    assert write_rules(rows) == text
    assert len(list(csv.reader(io.StringIO(text)))) == len(rows) + 1


def upload(admin: Client, text: str, name: str = "newer.csv") -> Any:
    return admin.post(f"{DESK}load/", {"file": SimpleUploadedFile(name, text.encode())})


def test_a_file_is_loaded_in_two_steps_and_never_over_an_edit(admin: Client, moderator: User) -> None:
    edited = rule("FR")
    edited.note = "Asked the customs office."
    services.save_rule(edited, by=moderator)
    text = admin.get(f"{DESK}csv/").content.decode()
    text = text.replace("DE,Germany,VAT,", "DE,Germany,MwSt,").replace("Asked the customs office.", "Overwritten.")
    before = RuleChange.objects.count()
    page = upload(admin, text).content.decode()
    assert "0 new, 1 changed" in page
    assert "VAT → MwSt" in " ".join(page.split())
    assert "FR from" in page
    assert "edited by hand" in page
    assert rule().tax_name == "VAT"
    assert RuleChange.objects.count() == before
    admin.post(f"{DESK}load/", {"name": "newer.csv", "text": text, "sure": "1"})
    assert rule().tax_name == "MwSt"
    assert rule("FR").note == "Asked the customs office."
    change = RuleChange.objects.first()
    assert change is not None
    assert (change.country, change.file, change.after) == ("DE", "newer.csv", {"tax_name": "MwSt"})


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("flat:300:per_hs6:upto=15000", "flat:3.5:per_hs6", "no duty that we can compute"),
        ("DE,Germany", "XX,Germany", "is no country"),
        ("DE,Germany,VAT,EUR", "DE,Germany,VAT,EUX", "is no currency that we know"),
        ("DE,Germany", "DE," + 61 * "x", "name:"),
    ],
)
def test_a_row_that_nobody_can_compute_is_left_alone_with_its_reason(
    admin: Client, old: str, new: str, sentence: str
) -> None:
    text = admin.get(f"{DESK}csv/").content.decode()
    assert old in text
    page = upload(admin, text.replace(old, new)).content.decode()
    assert sentence in page
    assert not RuleChange.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"country\nDE\n", "broken.csv:2"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"country,name\n", "has no rows"),
        (b"x" * 1_000_001, "larger than one megabyte"),
        (b"a,b\n1,\x002\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(admin: Client, content: bytes, sentence: str) -> None:
    answer = admin.post(f"{DESK}load/", {"file": SimpleUploadedFile("broken.csv", content)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not RuleChange.objects.exists()


def test_the_command_writes_history_too(tmp_path: Any) -> None:
    newer = tmp_path / "rules.csv"
    rows = list(ImportRule.objects.order_by("country", "effective_from").values(*COLUMNS))
    newer.write_text(write_rules(rows).replace("DE,Germany,VAT,", "DE,Germany,MwSt,"))
    call_command("load_import_rules", str(newer))
    change = RuleChange.objects.get()
    assert (change.file, change.by, change.after) == ("rules.csv", None, {"tax_name": "MwSt"})
    call_command("load_import_rules", str(newer))
    assert RuleChange.objects.count() == 1  # again changes nothing


def test_a_rule_that_ends_says_so_and_one_that_nothing_follows_louder(moderator: User) -> None:
    services.mark_checked(list(ImportRule.objects.all()), by=moderator)
    assert not wanting_care(today()).exists()
    german = rule()
    german.effective_to = today() + dt.timedelta(days=30)
    services.save_rule(german, by=moderator)
    [found] = wanting_care(today())
    assert (found.country, care(found, today(), followed=False)) == (
        "DE",
        f"ends on {german.effective_to}, and nothing follows",
    )
    with shifted(days=31):
        [over] = [one for one in wanting_care(today()) if one.country == "DE"]
        assert care(over, today(), followed=False) == f"ended on {german.effective_to}, and nothing follows"
    german.pk, german.effective_from = None, german.effective_to + dt.timedelta(days=2)
    german.effective_to = None
    services.save_rule(german, by=moderator)
    [gap] = wanting_care(today())  # a day without a rule
    assert care(gap, today(), followed=False).endswith("and nothing follows")
    german.effective_from -= dt.timedelta(days=1)
    services.save_rule(german, by=moderator)
    assert [care(one, today(), followed=True) for one in wanting_care(today())] == [
        f"ends on {german.effective_from - dt.timedelta(days=1)}"
    ]


def test_the_first_page_of_the_admin_warns(admin: Client, moderator: User) -> None:
    assert "import rules want a look" in admin.get("/admin/").content.decode()
    services.mark_checked(list(ImportRule.objects.all()), by=moderator)
    assert "want a look" not in admin.get("/admin/").content.decode()


def test_anybody_reads_what_is_in_force_what_comes_and_what_was_corrected(client: Client, moderator: User) -> None:
    german = rule()
    german.note = "Compared on the phone."
    services.save_rule(german, by=moderator)
    page = client.get("/rules/").content.decode()
    assert "Coming" in page
    assert "April 1, 2028" in page
    assert "€3.00 for each kind of goods up to €150.00" in page
    assert "17% of the goods, tax included up to $117.00 (sent from CA, US)" in page
    assert "moderator" not in page
    country = client.get("/rules/de/").content.decode()
    assert "VAT 19%" in country
    assert "Compared on the phone." in country
    assert client.get("/rules/EU/").status_code == 200
    assert client.get("/rules/zz/").status_code == 404


def test_the_public_page_asks_as_often_however_much_there_is(client: Client, moderator: User) -> None:
    client.get("/rules/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/rules/")
    for one in ImportRule.objects.all():
        one.note += "."
        services.save_rule(one, by=moderator)
    client.get("/rules/")
    with CaptureQueriesContext(connection) as many:
        client.get("/rules/")
    assert len(few) == len(many)
