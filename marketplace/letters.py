"""Letters: e-mails that are rows first. A service writes one, the sweep sends it; a mail server that is down
loses nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet
from django.template import Context, Engine
from django.utils import translation

from marketplace.lib.clock import now
from marketplace.models import Letter

log = logging.getLogger(__name__)

# How long to wait after each failure; after the last one an operator has to look.
BACKOFF = [dt.timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, 480, 720, 1440, 1440, 1440)]
LEASE = dt.timedelta(minutes=2)  # who sends has this long; a killed worker's letter goes again after it
_BDI = re.compile(r"</?bdi[^>]*>")  # the money filter writes for pages
# Keys of letters with a link that logs in: their text is kept from staff, and not after sending.
PRIVATE = "account:"


def write(*, key: str, to: str, template: str, context: Mapping[str, Any], language: str) -> None:
    """The letter of this event to this recipient, written once: `key` names both."""
    keep_all([compose(key=key, to=to, template=template, context=context, language=language)])


def compose(*, key: str, to: str, template: str, context: Mapping[str, Any], language: str) -> Letter:
    """The same, not kept yet: `keep_all` keeps many by one statement.

    Renders templates/letters/<template>.txt in `language`, as plain text: the first line is the subject.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        lines = _render(f"letters/{template}.txt", context).strip().split("\n", 1)
        foot = _foot(translation.get_language(), settings.SITE_URL)
    body = f"{lines[1].strip() if len(lines) > 1 else ''}\n\n{foot}\n"
    return _letter(key=key, to=to, subject=lines[0], body=body, language=language)


def keep_all(letters: Iterable[Letter]) -> None:
    """Keep what is written; the first one under a `key` stands."""
    Letter.objects.bulk_create(letters, ignore_conflicts=True)


def store(*, key: str, to: str, subject: str, body: str, language: str) -> None:
    """Keep a letter of which the text is there already; the first one under `key` stands."""
    keep_all([_letter(key=key, to=to, subject=subject, body=body, language=language)])


def _letter(*, key: str, to: str, subject: str, body: str, language: str) -> Letter:
    subject = " ".join(subject.split())[:200]
    return Letter(key=key[:200], to=to, subject=subject, body=body, language=language or settings.LANGUAGE_CODE)


def due() -> QuerySet[Letter]:
    return Letter.objects.filter(sent_at=None, run_at__lte=now(), attempts__lte=len(BACKOFF)).order_by("run_at")


def send_due(limit: int = 100) -> int:
    """Send what is due; how many went out. Two sweeps at once share the work, each letter has one sender."""
    return sum(_send(letter) for letter in due()[:limit] if _claim(letter))


def _claim(letter: Letter) -> bool:
    mine = due().filter(pk=letter.pk, attempts=letter.attempts)
    return mine.update(attempts=F("attempts") + 1, run_at=now() + LEASE) == 1


def _send(letter: Letter) -> bool:
    """One delivery. At least once: the Message-ID stays the same, so that a second copy can be told."""
    try:
        _message(letter).send()
    except Exception as error:  # noqa: BLE001  whatever a mail server does, the next letter gets its turn
        _put_off(letter, error)
        return False
    Letter.objects.filter(pk=letter.pk).update(
        sent_at=now(), error="", body="" if letter.key.startswith(PRIVATE) else letter.body
    )
    return True


def _put_off(letter: Letter, error: Exception) -> None:
    log.warning("Letter %s was not taken: %s", letter.pk, error)
    wait = BACKOFF[min(letter.attempts, len(BACKOFF) - 1)]
    Letter.objects.filter(pk=letter.pk).update(error=f"{type(error).__name__}: {error}"[:1000], run_at=now() + wait)


def _message(letter: Letter) -> EmailMessage:
    name = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    return EmailMessage(
        letter.subject, letter.body, to=[letter.to], headers={"Message-ID": f"<{name}@{settings.SITE_HOST}>"}
    )


@cache
def _foot(_language: str | None, _site_url: str) -> str:
    """The same under all letters of a language."""
    return _render("letters/_foot.txt", {}).strip()


def _render(name: str, context: Mapping[str, Any]) -> str:
    values = Context({**context, "site_url": settings.SITE_URL}, autoescape=False)
    return _BDI.sub("", Engine.get_default().get_template(name).render(values))
