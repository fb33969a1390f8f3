"""Restrictions of goods are rows: an operator's change holds at once, is on record, and nothing wrong is kept."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from listings import services
from listings.customs.rules import rulebook
from listings.customs.stops import stopped
from listings.errors import ListingError
from listings.models import RestrictedGoods, RestrictionChange
from marketplace.models import User

pytestmark = pytest.mark.django_db


def gum() -> RestrictedGoods:
    return RestrictedGoods.objects.get(scope="SG", prefixes="170410")


def test_the_file_became_rows() -> None:
    assert RestrictedGoods.objects.count() == len(rulebook().restrictions) == 42


def test_a_change_holds_at_once_and_is_on_record(moderator: User) -> None:
    row = gum()
    row.active = False
    services.save_restriction(row, by=moderator)
    assert stopped("170410", "Gum", "IN", "SG") is None
    [change] = RestrictionChange.objects.all()
    assert (change.before, change.after, change.by) == ({"active": True}, {"active": False}, moderator)


def test_a_new_row_stops_with_its_own_words(moderator: User) -> None:
    row = gum()
    row.pk, row.scope, row.prefixes, row.reason, row.source = None, "EU", "6214;6215", "no scarves", "OJ L 1"
    services.save_restriction(row, by=moderator)
    stop = stopped("621410", "Scarf", "IN", "DE")
    assert stop is not None
    assert stop.told == (
        "“Scarf” may not be sent to DE: no scarves. "
        "It may go to other countries: choose another address, or correct the HS code if it is wrong. "
        "(Rule: EU, HS 6214, 6215. Source: OJ L 1.)"
    )
    assert stopped("621410", "Scarf", "ES", "DE") is None
    assert RestrictionChange.objects.get().before == {}


def test_what_is_saved_unchanged_leaves_no_record(moderator: User) -> None:
    services.save_restriction(gum(), by=moderator)
    assert not RestrictionChange.objects.exists()


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("scope", "XX", "no country"),
        ("scope", "de", "no country"),
        ("prefixes", "17.*", "no HS codes"),
        ("prefixes", "1", "no HS codes"),
        ("prefixes", "17;", "no HS codes"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_moves(moderator: User, column: str, value: str, why: str) -> None:
    row = gum()
    setattr(row, column, value)
    with pytest.raises(ListingError, match=why):
        services.save_restriction(row, by=moderator)
    assert getattr(RestrictedGoods.objects.get(pk=row.pk), column) != value
    assert not RestrictionChange.objects.exists()


def test_a_row_about_nothing_is_refused(moderator: User) -> None:
    row = gum()
    row.prefixes, row.words = "", " ; "
    with pytest.raises(ListingError, match="first digits"):
        services.save_restriction(row, by=moderator)
    assert gum().words == "chewing gum"


def test_the_database_takes_no_pattern_for_digits() -> None:
    with pytest.raises(IntegrityError, match="restriction_prefixes_are_digits"), transaction.atomic():
        RestrictedGoods.objects.filter(scope="SG").update(prefixes="17|.*")


def test_the_history_is_never_rewritten(moderator: User) -> None:
    row = gum()
    row.active = False
    services.save_restriction(row, by=moderator)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RestrictionChange.objects.update(after={})
    assert RestrictionChange.objects.get().after == {"active": False}
