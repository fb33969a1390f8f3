"""Legal texts, health, errors, and what staff see of people and words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client, override_settings

from marketplace import legal
from marketplace.lib.clock import now
from marketplace.models import Acceptance, LegalText, Letter, User
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["terms", "privacy", "seller"])
def test_each_text_has_a_first_version_that_says_it_is_a_template(client: Client, kind: str) -> None:
    html = client.get(f"/legal/{kind}/").content.decode()
    assert "Version 1" in html
    assert "must replace it" in html
    assert "escrow" not in html.lower()


def test_the_refund_rule_is_said_in_the_terms(client: Client) -> None:
    assert "at the original exchange rate" in client.get("/legal/terms/").content.decode()


def test_a_newer_version_takes_over_when_its_time_has_come(client: Client) -> None:
    LegalText.objects.create(kind="terms", version="2", body="Later.", effective_at=now() + dt.timedelta(days=1))
    assert legal.current("terms").version == "1"
    assert client.get("/legal/terms/2/").status_code == 404
    LegalText.objects.create(kind="terms", version="3", body="Now.")
    assert legal.current("terms").version == "3"
    assert "A newer version is in force" in client.get("/legal/terms/1/").content.decode()


@pytest.mark.parametrize("path", ["/legal/cookies/", "/legal/terms/99/", "/legal/"])
def test_a_text_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "This ship has sailed" in answer.content.decode()


def test_accepting_twice_is_one_row(bob: User) -> None:
    for _time in range(2):
        legal.accept(legal.current("seller"), user=bob, email="BOB@example.com", ref="shop")
    assert Acceptance.objects.get().email == "bob@example.com"
    assert legal.accepted("seller", email=bob.email, ref="shop")
    assert not legal.accepted("terms", email=bob.email, ref="shop")


def test_it_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    answer = client.get("/readyz").json()
    assert answer["ready"]
    assert answer["migrations"] == "ok"


def test_without_a_broker_it_is_degraded_but_ready(client: Client) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["ready"], answer.json()["degraded"]) == (True, True)


def test_metrics_are_counts_for_this_machine_only(client: Client, bob: User) -> None:
    lines = client.get("/metrics").content.decode().splitlines()
    assert "entrepot_users 1" in lines
    assert "entrepot_letters_waiting 0" in lines
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"}).status_code == 404


def test_metrics_with_a_token_are_its_bearer_s_only(client: Client) -> None:
    with override_settings(METRICS_TOKEN="s3cret"):
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
        assert client.get("/metrics", headers={"authorization": "Bearer s3cret"}).status_code == 200


def test_the_components_are_shown_to_staff_only(bob: User, admin: User, client_for: ClientFor) -> None:
    assert Client().get("/design/").status_code == 403
    assert client_for(bob).get("/design/").status_code == 403
    assert client_for(admin).get("/design/").status_code == 200


# --- the admin of people and words --------------------------------------------------------------------


def test_a_suspension_asks_for_a_reason_and_mails_it(bob: User, admin: User, client_for: ClientFor) -> None:
    staff = client_for(admin)
    chosen = {"action": "suspend", "_selected_action": [bob.pk]}
    assert "Reason" in staff.post("/admin/marketplace/user/", chosen).content.decode()
    assert User.objects.get(pk=bob.pk).suspended_at is None
    staff.post("/admin/marketplace/user/", {**chosen, "reason": "Sold a parrot."})
    assert User.objects.get(pk=bob.pk).suspended_at is not None
    assert "Sold a parrot." in Letter.objects.get().body
    staff.post("/admin/marketplace/user/", {"action": "restore", "_selected_action": [bob.pk]})
    bob.refresh_from_db()
    assert bob.is_active


def test_a_published_text_cannot_be_edited_even_by_a_superuser(admin: User, client_for: ClientFor) -> None:
    text = legal.current("terms")
    url = f"/admin/marketplace/legaltext/{text.pk}/change/"
    assert client_for(admin).post(url, {"kind": "terms", "version": "1", "body": "Other."}).status_code == 403
    assert LegalText.objects.get(pk=text.pk).body == text.body


def test_letters_are_looked_at_and_those_that_log_in_hide_their_text(admin: User, client_for: ClientFor) -> None:
    plain = Letter.objects.create(key="order:1", to="a@example.com", subject="Hello", body="plain words")
    secret = Letter.objects.create(
        key="account:reset:1", to="a@example.com", subject="Reset", body="https://login-link"
    )
    staff = client_for(admin)
    assert "plain words" in staff.get(f"/admin/marketplace/letter/{plain.pk}/change/").content.decode()
    assert "login-link" not in staff.get(f"/admin/marketplace/letter/{secret.pk}/change/").content.decode()
    assert staff.post(f"/admin/marketplace/letter/{plain.pk}/change/", {"body": "x"}).status_code == 403


def test_second_factors_and_tokens_of_people_are_not_in_the_admin(admin: User, client_for: ClientFor) -> None:
    staff = client_for(admin)
    for path in ("mfa/authenticator/", "authtoken/tokenproxy/", "account/emailaddress/"):
        assert staff.get(f"/admin/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "marketplace/user/", "marketplace/letter/", "marketplace/legaltext/", "marketplace/acceptance/"]
)
def test_the_admin_s_pages_open_under_the_strict_policy(admin: User, client_for: ClientFor, path: str) -> None:
    answer = client_for(admin).get(f"/admin/{path}")
    assert answer.status_code == 200
    assert "css/admin.css" in answer.content.decode()
