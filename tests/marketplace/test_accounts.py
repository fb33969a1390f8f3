"""Signing up, logging in, second factors, suspension, the key to the API."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from rest_framework.authtoken.models import Token

from marketplace import letters, suspension
from marketplace.models import Acceptance, Letter, User
from marketplace.second_factor import current_code
from orders.models import Cart
from tests.conftest import PASSWORD, ClientFor

pytestmark = pytest.mark.django_db
SIGNUP = {
    "name": "Dana",
    "email": "Dana@Example.com",
    "password1": "a long enough phrase",
    "country": "IN",
    "terms": "on",
}


def log_in(client: Client, user: User, password: str = PASSWORD) -> int:
    return client.post("/account/login/", {"login": user.email, "password": password}).status_code


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def link_in_last_letter() -> str:
    letters.send_due()
    found = re.search(r"http://\S+?(/account/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_a_stranger_signs_up_confirms_the_address_and_logs_in(client: Client) -> None:
    assert client.post("/account/signup/", SIGNUP).headers["Location"] == "/account/confirm-email/"
    user = User.objects.get()
    assert (user.email, user.name, user.country, user.currency, user.language) == (
        "dana@example.com",
        "Dana",
        "IN",
        "INR",
        "en",
    )
    assert user.password.startswith("md5$")  # tests hash quickly; production uses Argon2
    assert log_in(client, user, SIGNUP["password1"]) == 302
    assert not is_in(client)
    assert "Confirm your address at Entrepôt" in Letter.objects.get().subject
    assert "None" not in Letter.objects.get().body
    client.post(link_in_last_letter())
    log_in(client, user, SIGNUP["password1"])
    assert is_in(client)


def test_what_was_accepted_at_sign_up_is_kept_with_its_version(client: Client) -> None:
    client.post("/account/signup/", SIGNUP)
    kept = Acceptance.objects.order_by("text__kind").values_list("text__kind", "text__version", "email", "ref")
    assert list(kept) == [("privacy", "1", "dana@example.com", "signup"), ("terms", "1", "dana@example.com", "signup")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": ""},
        {"country": "ZZ"},
        {"country": ""},
        {"name": ""},
        {"name": "x" * 121},
        {"email": "dana"},
        {"password1": "short"},
        {"password1": "password123"},
    ],
)
def test_a_sign_up_that_lacks_something_makes_no_account(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/account/signup/", {**SIGNUP, **wrong})
    assert "errorlist" in answer.content.decode()
    assert not User.objects.exists()
    assert not Acceptance.objects.exists()


def test_nobody_learns_from_a_sign_up_who_has_an_account(client: Client, bob: User) -> None:
    answer = client.post("/account/signup/", {**SIGNUP, "email": "BOB@example.com"})
    assert answer.headers["Location"] == "/account/confirm-email/"
    assert User.objects.count() == 1
    assert Letter.objects.get().to == "bob@example.com"


def test_a_mail_server_that_is_down_does_not_fail_a_sign_up(client: Client) -> None:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9
    ):
        assert client.post("/account/signup/", SIGNUP).status_code == 302
    assert Letter.objects.get().sent_at is None


def test_a_forgotten_password_is_reset_by_the_link_in_the_letter(client: Client, bob: User) -> None:
    client.post("/account/password/reset/", {"email": bob.email})
    step = client.get(link_in_last_letter())
    client.post(step.headers["Location"], {"password1": "another long phrase", "password2": "another long phrase"})
    log_in(client, bob, "another long phrase")
    assert is_in(client)


def test_a_reset_for_nobody_looks_the_same(client: Client) -> None:
    answer = client.post("/account/password/reset/", {"email": "nobody@example.com"})
    assert answer.headers["Location"] == "/account/password/reset/done/"
    assert not Letter.objects.exists()


def test_guessing_passwords_is_stopped(client: Client, bob: User) -> None:
    for _try in range(6):
        log_in(client, bob, "wrong")
    log_in(client, bob)
    assert not is_in(client)


def test_the_basket_of_a_guest_is_the_account_s_after_login(client: Client, bob: User) -> None:
    session = client.session
    session["visitor_key"] = "0" * 32
    session.save()
    Cart.objects.create(owner=f"visitor:{'0' * 32}")
    log_in(client, bob)
    assert Cart.objects.get().owner == f"user:{bob.pk}"
    assert "visitor_key" not in client.session


def test_a_suspended_account_is_out_at_once_and_told_why(bob: User, admin: User, client_for: ClientFor) -> None:
    browser, token = client_for(bob), Token.objects.create(user=bob)
    assert is_in(browser)
    suspension.suspend(bob, by=admin, reason="Sold a parrot.")
    assert not is_in(browser)
    assert not Token.objects.filter(pk=token.pk).exists()
    assert (
        Client().post("/account/login/", {"login": bob.email, "password": PASSWORD}).headers["Location"]
        == "/account/inactive/"
    )
    assert "Sold a parrot." in Letter.objects.get().body
    suspension.restore(bob, by=admin)
    fresh = Client()
    log_in(fresh, bob)
    assert is_in(fresh)


def test_staff_suspend_neither_themselves_nor_a_superuser(moderator: User, admin: User) -> None:
    for user in (moderator, admin):
        with pytest.raises(suspension.SuspensionRefused):
            suspension.suspend(user, by=moderator, reason="x")
        user.refresh_from_db()
        assert user.is_active


# --- the admin's door ---------------------------------------------------------------------------------


def test_the_admin_s_door_is_the_site_s_own_login(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == "/account/login/?next=%2Fadmin%2F"


def test_people_who_are_no_staff_see_nothing_of_the_admin(bob: User, client_for: ClientFor) -> None:
    assert client_for(bob).get("/admin/").status_code == 403
    assert client_for(bob).get("/admin/marketplace/user/").status_code == 403


def test_a_token_to_the_api_opens_no_door_of_the_admin(client: Client, admin: User) -> None:
    token = Token.objects.create(user=admin).key
    for header in (f"Token {token}", f"Bearer {token}"):
        answer = client.get("/admin/", headers={"authorization": header})
        assert answer.headers["Location"].startswith("/account/login/")


def test_staff_without_a_second_factor_are_sent_to_set_one_up(admin: User) -> None:
    Authenticator.objects.filter(user=admin).delete()
    client = Client()
    client.force_login(admin)
    assert client.get("/admin/").headers["Location"] == "/account/2fa/"


def test_a_session_that_showed_no_code_is_asked_for_one(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    answer = client.get("/admin/marketplace/letter/")
    assert answer.headers["Location"] == "/account/2fa/reauthenticate/?next=%2Fadmin%2Fmarketplace%2Fletter%2F"
    client.post(answer.headers["Location"], {"code": current_code(admin)})
    assert client.get("/admin/marketplace/letter/").status_code == 200


def test_staff_log_in_with_password_and_code_and_reach_the_admin(client: Client, admin: User) -> None:
    answer = client.post(
        "/account/login/?next=/admin/", {"login": admin.email, "password": PASSWORD, "next": "/admin/"}
    )
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert not is_in(client)
    answer = client.post(answer.headers["Location"], {"code": current_code(admin)})
    assert answer.headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_demo_prints_a_code_that_works_once(client: Client, admin: User) -> None:
    out = StringIO()
    call_command("demo_code", admin.email, stdout=out)
    assert re.fullmatch(r"[0-9]{6}\n", out.getvalue())
    answer = client.post("/account/login/", {"login": admin.email, "password": PASSWORD})
    client.post(answer.headers["Location"], {"code": out.getvalue().strip()})
    assert is_in(client)


def test_codes_are_printed_in_the_demo_only(admin: User) -> None:
    with override_settings(SANDBOX=False), pytest.raises(CommandError, match="demo only"):
        call_command("demo_code", admin.email)


def test_a_code_for_nobody_is_a_clear_sentence(bob: User) -> None:
    with pytest.raises(CommandError, match="There is no account ghost@example.com"):
        call_command("demo_code", "ghost@example.com")
    with pytest.raises(CommandError, match="no second factor"):
        call_command("demo_code", bob.email)


# --- the account's page -------------------------------------------------------------------------------


def test_the_account_s_page_changes_name_and_choices(bob: User, client_for: ClientFor) -> None:
    client = client_for(bob)
    client.post("/account/", {"name": "Robert", "country": "AT", "currency": "EUR", "language": "de"})
    bob.refresh_from_db()
    assert (bob.name, bob.country, bob.currency, bob.language) == ("Robert", "AT", "EUR", "de")


def test_the_account_s_page_changes_nothing_when_something_is_wrong(bob: User, client_for: ClientFor) -> None:
    answer = client_for(bob).post("/account/", {"name": "Robert", "country": "ZZ", "currency": "EUR", "language": "de"})
    assert answer.status_code == 422
    bob.refresh_from_db()
    assert (bob.name, bob.country) == ("Bob", "DE")


def test_a_token_is_made_only_after_the_password_was_typed_again(bob: User, client_for: ClientFor) -> None:
    client = client_for(bob)
    answer = client.post("/account/token/")
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    assert not Token.objects.exists()
    shown = client.post(answer.headers["Location"], {"password": PASSWORD}, follow=True).content.decode()
    assert Token.objects.get(user=bob).key in shown
    assert Token.objects.get(user=bob).key not in client.get("/account/").content.decode()
    client.post("/account/token/revoke/")
    assert not Token.objects.exists()


def test_an_unconfirmed_address_cannot_log_in(client: Client, bob: User) -> None:
    EmailAddress.objects.update(verified=False)
    log_in(client, bob)
    assert not is_in(client)
