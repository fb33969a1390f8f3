from __future__ import annotations

from fractions import Fraction

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from fx.errors import RateSetError
from fx.models import RateSet
from fx.services import approve_rate_set, current_rates, refresh_rates, reject_rate_set
from marketplace.models import User
from tests.conftest import ClientFor
from tests.fx.feeds import Feed
from tests.payments.test_admin import staff

State = RateSet.State
LIST = "/admin/fx/rateset/"


@pytest.fixture
def held(feed: Feed, db: None) -> RateSet:
    """The rupee went from 106.084 to 130; bitcoin goes on."""
    refresh_rates()
    feed.ecb(INR="130")
    feed.market(96_000)
    refresh_rates(force=True)
    return RateSet.objects.get(state=State.HELD)


def test_approved_rates_count_at_once_beside_the_latest_others(held: RateSet, feed: Feed, finance: User) -> None:
    approved = approve_rate_set(held, by=finance)
    rates = current_rates()
    assert rates.id == approved.pk
    assert rates.per_eur["INR"] == 130
    assert rates.mid("BTC", "EUR") == Fraction(96_000_050_000, 1_000_000)
    assert (approved.state, approved.reviewed_by) == (State.ACTIVE, finance)
    feed.ecb(INR="131")
    refresh_rates(force=True)  # and they are what the next ones are measured by
    assert current_rates().per_eur["INR"] == 131


def test_rejected_rates_never_count_and_the_same_jump_is_held_again(held: RateSet, finance: User) -> None:
    reject_rate_set(held, by=finance)
    assert current_rates().per_eur["INR"] == Fraction("106.084")
    refresh_rates(force=True)
    assert RateSet.objects.filter(state=State.HELD).exclude(pk=held.pk).count() == 1


def test_a_decision_is_made_once(held: RateSet, finance: User) -> None:
    reject_rate_set(held, by=finance)
    for decide in (approve_rate_set, reject_rate_set):
        with pytest.raises(RateSetError, match=rf"Set {held.pk} is Rejected, not held"):
            decide(held, by=finance)
    assert current_rates().per_eur["INR"] == Fraction("106.084")


def press(client: Client, action: str, rate_set: RateSet) -> str:
    answer = client.post(LIST, {"action": action, "_selected_action": [rate_set.pk]}, follow=True)
    return answer.content.decode()


def may(user: User, *permissions: str) -> User:
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions, content_type__app_label="fx"))
    return User.objects.get(pk=user.pk)


def test_an_operator_approves_in_the_admin(held: RateSet, finance: User, client_for: ClientFor) -> None:
    client = client_for(may(finance, "view_rateset", "change_rateset"))
    assert "INR went from 106.084 to 130" in client.get(LIST).content.decode()
    assert f"Set {held.pk}: Active." in press(client, "approve", held)
    held.refresh_from_db()
    assert (held.state, held.reviewed_by) == (State.ACTIVE, finance)
    assert "is Active, not held for review" in press(client, "reject", held)


def test_staff_without_the_right_look_but_do_not_decide(
    held: RateSet, moderator: User, bob: User, client_for: ClientFor
) -> None:
    client = client_for(may(moderator, "view_rateset"))
    assert client.get(LIST).status_code == 200
    press(client, "approve", held)
    press(client_for(bob), "approve", held)
    held.refresh_from_db()
    assert held.state == State.HELD


@pytest.mark.parametrize("model", ["rateset", "ratefetch", "quote", "conversion"])
def test_the_admin_of_rates_changes_nothing_even_for_a_superuser(
    held: RateSet, model: str, admin: User, client_for: ClientFor
) -> None:
    client = client_for(admin)
    assert client.get(f"/admin/fx/{model}/").status_code == 200
    assert client.get(f"/admin/fx/{model}/add/").status_code == 403
    page = reverse("admin:fx_rateset_change", args=[held.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"state": "active"}).status_code == 403
    assert client.post(reverse("admin:fx_rateset_delete", args=[held.pk]), {"post": "yes"}).status_code == 403
    assert RateSet.objects.get(pk=held.pk).state == State.HELD


def test_finance_sees_the_rates_that_it_decides_about(held: RateSet, finance: User, client_for: ClientFor) -> None:
    """In the role alone: a superuser sees everything anyhow."""
    page = staff(finance, "finance", client_for).get(f"{LIST}{held.pk}/change/").content.decode()
    assert "130" in page
    assert 'href="/rates/INR/"' in page
    assert str(held) in page
