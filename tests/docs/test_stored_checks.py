"""What `check --deploy --database default` finds in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from fx.models import Rate, RateSet
from listings.models import ImportRule, Registration
from listings.services import end_registration, open_shop
from marketplace.lib.clock import now, today
from marketplace.models import LegalText, User
from marketplace.roles import ROLES, make_roles
from marketplace.second_factor import enrol
from tests.docs.conftest import headings, ours, section_of
from tests.registered import registered

pytestmark = pytest.mark.django_db


def member(email: str, *, group: str = "", boss: bool = False) -> User:
    user = User.objects.create_user(email, "a long password 7", is_staff=True, is_superuser=boss)
    if group:
        user.groups.add(Group.objects.get(name=group))
    enrol(user)
    return user


@pytest.fixture
def furnished(ready: Any) -> Any:
    """Staff, texts, rates and rules as they should be."""
    make_roles()
    member("boss@bazaar.shop", boss=True)
    member("money@bazaar.shop", group="finance")
    for kind in LegalText.Kind:
        LegalText.objects.create(kind=kind, version="2", body="## Ours\nOur own words.")
    ImportRule.objects.update(checked_on=today())
    registered("IOSS")
    good_until = now() + dt.timedelta(hours=1)
    rates = RateSet.objects.create()
    Rate.objects.create(rate_set=rates, currency="INR", per_eur=100, source="ecb", as_of=now(), good_until=good_until)
    return ready


def found() -> list[str]:
    return sorted(ours(databases=["default"]))


def test_a_furnished_site_hears_nothing(furnished: Any) -> None:
    assert found() == []


def lose_staff() -> None:
    User.objects.filter(is_staff=True).update(is_staff=False)


def lose_second_factor() -> None:
    Authenticator.objects.filter(user__email="money@bazaar.shop").delete()


def lose_four_eyes() -> None:
    User.objects.get(email="money@bazaar.shop").groups.clear()


def lose_role() -> None:
    Group.objects.filter(name="moderator").delete()


def seed_the_demo() -> None:
    User.objects.create_user("alice@example.com", "entrepot-demo")


def lose_texts() -> None:
    LegalText.objects.filter(kind="terms", version="2").delete()


def end_registrations() -> None:
    for row in Registration.objects.all():
        end_registration(row, valid_until=today(), by=row.by)


def forget_rules() -> None:
    ImportRule.objects.filter(country="GB").update(checked_on=None)


def let_a_rule_end() -> None:
    ImportRule.objects.filter(country="DE").update(effective_to=today() + dt.timedelta(days=3))


def sell_in_rupees() -> None:
    seller = User.objects.create_user("seller@bazaar.shop", "a long password 7")
    open_shop(by=seller, name="Rupees", country="IN", city="Jaipur", currency="INR")


STORED: list[tuple[Callable[[], None], str]] = [
    (lose_staff, "marketplace.E030 Nobody is staff."),
    (lose_second_factor, "marketplace.E031 Staff without a second factor: money@bazaar.shop."),
    (lose_four_eyes, "marketplace.E032 Fewer than two people"),
    (lose_role, "marketplace.W030 These roles do not exist: moderator."),
    (seed_the_demo, "marketplace.E033 Accounts of the demo, with a published password, can log in: alice@example.com"),
    (lose_texts, "marketplace.E034 Terms: the sample"),
    (end_registrations, "marketplace.W014 No registration is in force"),
    (forget_rules, "marketplace.W032 2 import rules were never compared"),
    (let_a_rule_end, "marketplace.W034 1 import rules were not checked for 90 days, end within 60"),
    (sell_in_rupees, "marketplace.W033 Shops price in INR"),
]


@pytest.mark.parametrize(("lose", "expected"), STORED)
def test_what_is_missing_in_the_database_is_named(furnished: Any, lose: Callable[[], None], expected: str) -> None:
    lose()
    [(says, hint)] = ours(databases=["default"]).items()
    assert says.startswith(expected)
    assert section_of(hint) in headings()


def test_a_registration_that_no_rule_knows_is_named(furnished: Any) -> None:
    ImportRule.objects.filter(scheme="IOSS").update(scheme="")
    assert found() == ["marketplace.E036 IOSS IM2760000009 is in force, but no import rule names the scheme."]


def test_the_variable_of_earlier_versions_is_named(furnished: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRATIONS", "IOSS")
    assert found() == ["marketplace.E035 REGISTRATIONS is no longer read: the numbers are kept in the admin."]


def test_missing_rates_are_named(furnished: Any) -> None:
    Rate.objects.all().delete()
    assert found() == ["marketplace.W031 There is no usable exchange rate."]


def test_the_shipped_texts_are_recognised_as_samples(ready: Any) -> None:
    """The migration's texts begin with the words that the check looks for."""
    assert LegalText.objects.count() == 3
    assert len([text for text in ours(databases=["default"]) if "E034" in text]) == 3


def test_without_a_database_the_check_asks_none(ready: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert ours() == {}


def test_the_command_fails_and_says_it_in_words(ready: Any) -> None:
    with pytest.raises(SystemCheckError) as error:
        call_command("check", "--deploy", "--database", "default", stdout=StringIO(), stderr=StringIO())
    assert "(marketplace.E030) Nobody is staff." in str(error.value)
    assert "HINT: Run manage.py createsuperuser. See “Staff” in docs/operate.md." in str(error.value)


def test_make_roles_gives_exactly_the_written_rights_however_often() -> None:
    for _again in range(2):
        out = StringIO()
        call_command("make_roles", stdout=out)
    assert f"finance: {len(ROLES['finance'])} rights" in out.getvalue()
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == {
        name: len(codes) for name, codes in ROLES.items()
    }
