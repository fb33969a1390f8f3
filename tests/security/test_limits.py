"""Guessing is slow, whoever one claims to be; and no answer tells who has an account."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client, override_settings

from marketplace.models import Letter, User
from marketplace.second_factor import current_code
from tests.conftest import PASSWORD, make_user

pytestmark = pytest.mark.django_db
TOO_MANY = 429


def claiming(number: int) -> dict[str, str]:
    """Headers that claim another address at each try."""
    other = f"198.51.100.{number}"
    return {"X-Forwarded-For": other, "X-Real-Ip": other, "Forwarded": f"for={other}", "X-Client-Ip": other}


def log_in(email: str, password: str = "wrong", *, as_if: int = 0, **more: Any) -> Any:
    sent = {"login": email, "password": password}
    return Client(**more).post("/account/login/", sent, headers=claiming(as_if))


def is_in(answer: Any) -> bool:
    return "sessionid" in answer.client.cookies and answer.client.get("/account/").status_code == 200


def test_guessing_one_password_stops_wherever_the_guesses_come_from(bob: User) -> None:
    for number in range(5):
        log_in(bob.email, as_if=number, REMOTE_ADDR=f"203.0.113.{number}")
    stopped = log_in(bob.email, PASSWORD, as_if=99, REMOTE_ADDR="203.0.113.99")
    assert "Too many failed login attempts" in stopped.content.decode()
    assert not is_in(stopped)


def test_the_address_in_capitals_is_the_same_address(bob: User) -> None:
    for number in range(5):
        log_in(bob.email.upper() if number % 2 else f" {bob.email} ", as_if=number)
    assert not is_in(log_in(bob.email, PASSWORD))


def test_guessing_at_many_accounts_from_one_place_stops(bob: User) -> None:
    """One password for everybody: each account sees one try, the place sees them all."""
    for number in range(10):
        log_in(f"somebody{number}@example.com", as_if=number)
    assert not is_in(log_in(bob.email, PASSWORD, as_if=99))
    assert is_in(log_in(bob.email, PASSWORD, as_if=99, REMOTE_ADDR="203.0.113.7"))


def test_thirty_logins_a_minute_are_enough_for_one_place(bob: User) -> None:
    found = [log_in(bob.email, PASSWORD, as_if=number).status_code for number in range(31)]
    assert found == [302] * 30 + [TOO_MANY]


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_only_the_proxys_word_counts(bob: User) -> None:
    def through(claimed: str, seen: str, email: str) -> Any:
        sent = {"login": email, "password": PASSWORD if email == bob.email else "wrong"}
        return Client(REMOTE_ADDR="10.0.0.1").post(
            "/account/login/", sent, headers={"X-Forwarded-For": f"{claimed}, {seen}"}
        )

    for number in range(10):
        through(f"198.51.100.{number}", "203.0.113.1", f"somebody{number}@example.com")
    assert not is_in(through("198.51.100.99", "203.0.113.1", bob.email))
    assert is_in(through("198.51.100.99", "203.0.113.2", bob.email))  # another visitor of the same proxy


def test_letters_for_a_forgotten_password_are_few(bob: User) -> None:
    def ask(number: int) -> int:
        headers = claiming(number)
        return Client().post("/account/password/reset/", {"email": bob.email}, headers=headers).status_code

    assert [ask(number) for number in range(7)] == [302] * 5 + [TOO_MANY] * 2
    assert Letter.objects.filter(to=bob.email).count() <= 5


def test_sign_ups_from_one_place_are_few(db: None) -> None:
    def sign_up(number: int) -> int:
        person = {"name": "Eve", "email": f"eve{number}@example.com", "password1": "a-long-enough-one"}
        more = {"country": "DE", "terms": "on"}
        return Client().post("/account/signup/", person | more, headers=claiming(number)).status_code

    assert [sign_up(number) for number in range(21)] == [302] * 20 + [TOO_MANY]
    assert User.objects.filter(email__startswith="eve").count() == 20


def test_guessing_the_second_factor_stops(admin: User) -> None:
    client = Client()
    client.post("/account/login/", {"login": admin.email, "password": PASSWORD})
    for _try in range(5):
        client.post("/account/2fa/authenticate/", {"code": "000000"}, headers=claiming(_try))
    client.post("/account/2fa/authenticate/", {"code": current_code(admin)}, headers=claiming(99))
    assert client.get("/admin/").headers["Location"].startswith("/account/login/")


def test_the_api_counts_calls_whatever_address_is_claimed(db: None) -> None:
    answers = [Client().get("/api/v1/", headers=claiming(number)) for number in range(121)]
    assert [answer.status_code for answer in answers] == [200] * 120 + [TOO_MANY]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].headers["Content-Type"] == "application/problem+json"


# --- who has an account ----------------------------------------------------------------------------


def plain(answer: Any) -> str:
    """A page without what differs by chance: tokens, and the address that was typed."""
    text = answer.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|[\w.]+@example\.com', "", text)


@pytest.fixture
def people(bob: User, admin: User) -> dict[str, str]:
    """Addresses of every kind of account, and one of none."""
    unconfirmed = make_user("unconfirmed@example.com")
    EmailAddress.objects.filter(user=unconfirmed).update(verified=False)
    gone = make_user("gone@example.com")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return {
        "nobody": "nobody@example.com",
        "known": bob.email,
        "staff": admin.email,
        "unconfirmed": unconfirmed.email,
        "suspended": gone.email,
    }


def test_a_wrong_password_says_the_same_for_everybody(people: dict[str, str]) -> None:
    answers = {kind: log_in(email) for kind, email in people.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {plain(answer) for answer in answers.values()} == {plain(answers["nobody"])}


@pytest.mark.parametrize("form", ["/account/password/reset/", "/account/signup/"])
def test_asking_for_a_letter_says_the_same_for_everybody(form: str, people: dict[str, str]) -> None:
    more = {"name": "Eve", "password1": "a-long-enough-one", "country": "DE", "terms": "on"}
    pages = {}
    for kind, email in people.items():
        client = Client()
        answer = client.post(form, {"email": email, **more})
        shown = client.get(answer.headers["Location"])
        pages[kind] = (answer.status_code, answer.headers["Location"], shown.status_code, plain(shown))
    assert set(pages.values()) == {pages["nobody"]}


def test_only_the_owner_of_an_address_is_told_that_it_is_taken(people: dict[str, str]) -> None:
    person = {"name": "Eve", "email": people["known"], "password1": "a-long-enough-one", "country": "DE", "terms": "on"}
    Client().post("/account/signup/", person)
    letter = Letter.objects.latest("pk")
    assert letter.to == people["known"]
    assert User.objects.get(email=people["known"]).check_password(PASSWORD)


@override_settings(
    PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher", *settings.PASSWORD_HASHERS],
    ACCOUNT_RATE_LIMITS={"login_failed": None, "login": None},
)
def test_a_wrong_password_costs_the_same_work_for_nobody(people: dict[str, str]) -> None:
    known = User.objects.get(email=people["known"])
    known.set_password(PASSWORD)
    known.save()
    nobody, somebody = (median(_cost(people[kind]) for _ in range(5)) for kind in ("nobody", "known"))
    assert 0.5 < nobody / somebody < 2


def _cost(email: str) -> float:
    """Seconds of this process that a wrong password takes."""
    started = time.process_time()
    log_in(email)
    return time.process_time() - started
