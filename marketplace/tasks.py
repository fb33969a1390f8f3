"""Doorbells of the site: letters to send, calls of the API to forget, the night's audit."""

from __future__ import annotations

from celery import shared_task

from marketplace import auditing, letters
from marketplace.rest import idempotency


@shared_task
def send_letters() -> None:
    letters.send_due()


@shared_task
def forget_calls() -> None:
    idempotency.forget_old()


@shared_task
def audit() -> None:
    auditing.sweep()
