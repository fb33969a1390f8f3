"""A letter is a row first; the sweep sends it."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import override_settings

from marketplace import letters
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from marketplace.tasks import send_letters

pytestmark = pytest.mark.django_db
NOBODY_LISTENS = override_settings(
    EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9, EMAIL_TIMEOUT=1
)


def write(user: User, key: str = "test:1", language: str = "en") -> Letter:
    context = {"user": user, "reason": "Fish & chips, <raw>."}
    letters.write(key=key, to=user.email, template="account_suspended", context=context, language=language)
    return Letter.objects.get(key=key)


def test_a_letter_is_plain_text_with_a_subject_and_a_foot(bob: User) -> None:
    letter = write(bob)
    assert letter.subject == "Your account at Entrepôt is suspended"
    assert letter.body.startswith("Dear Bob,")
    assert "Fish & chips, <raw>." in letter.body
    assert "http://127.0.0.1:8000" in letter.body


def test_the_same_event_writes_one_letter(bob: User) -> None:
    assert write(bob).pk == write(bob).pk
    assert Letter.objects.count() == 1


def test_the_sweep_sends_each_letter_once(bob: User) -> None:
    write(bob)
    send_letters()
    send_letters()
    assert [message.to for message in mail.outbox] == [["bob@example.com"]]
    assert mail.outbox[0].extra_headers["Message-ID"].endswith("@127.0.0.1>")
    assert Letter.objects.get().sent_at is not None


def test_a_mail_server_that_is_down_loses_nothing(bob: User) -> None:
    write(bob)
    with NOBODY_LISTENS:
        assert letters.send_due() == 0
    letter = Letter.objects.get()
    assert (letter.sent_at, letter.attempts) == (None, 1)
    assert "ConnectionRefusedError" in letter.error
    assert letters.send_due() == 0  # not yet: it waits before it tries again
    with shifted(minutes=2):
        assert letters.send_due() == 1
    assert Letter.objects.get().error == ""


def test_a_letter_nobody_takes_is_given_up_after_days_and_kept_for_the_operator(bob: User) -> None:
    write(bob)
    with NOBODY_LISTENS:
        for day in range(30):
            with shifted(days=day):
                letters.send_due()
    letter = Letter.objects.get()
    assert letter.sent_at is None
    assert letter.attempts == len(letters.BACKOFF) + 1
    assert letter.error


def test_one_broken_address_does_not_stop_the_others(bob: User, alice: User) -> None:
    Letter.objects.create(key="bad", to="no\nbody@example.com", subject="x", body="x")
    write(alice)
    assert letters.send_due() == 1
    assert mail.outbox[0].to == ["alice@example.com"]


def test_a_letter_that_logs_in_keeps_no_text_after_it_went(bob: User) -> None:
    letters.store(key="account:reset:1", to=bob.email, subject="Reset", body="https://secret", language="en")
    letters.send_due()
    assert mail.outbox[0].body == "https://secret"
    assert Letter.objects.get().body == ""
