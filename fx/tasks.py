"""Doorbells of the exchange: look at the rates, forget quotes that nobody used."""

from __future__ import annotations

from celery import shared_task

from fx import services


@shared_task
def refresh_rates() -> None:
    """Visit the providers that are due. Beat rings it each minute."""
    services.refresh_rates()


@shared_task
def refresh_history() -> None:
    """The past days for the charts, when it is worth asking."""
    services.refresh_history()


@shared_task
def forget_quotes() -> None:
    services.forget_unused()
