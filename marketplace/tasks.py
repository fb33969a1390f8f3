from __future__ import annotations

from celery import shared_task

from marketplace import letters


@shared_task
def send_letters() -> None:
    letters.send_due()
