"""A finding says what is missing, what to do, and which section of docs/operate.md explains it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

Findings = list[CheckMessage]


def error(number: int, says: str, do: str, section: str) -> CheckMessage:
    """Nobody should sell before this is mended."""
    return Error(says, hint=_hint(do, section), id=f"marketplace.E{number:03}")


def warning(number: int, says: str, do: str, section: str) -> CheckMessage:
    """A decision that the operator should have made on purpose."""
    return Warning(says, hint=_hint(do, section), id=f"marketplace.W{number:03}")


def of_settings(find: Callable[[], Findings]) -> Callable[[], Findings]:
    """Register `find` for `check --deploy`. It says nothing about the demo, which environment.E001 covers."""

    def run(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> Findings:
        return [] if settings.SANDBOX else find()

    register(run, deploy=True)
    return find


def of_database(find: Callable[[], Findings]) -> Callable[[], Findings]:
    """The same for what is stored: asked only when `--database` names one."""

    def run(
        app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
    ) -> Findings:
        return [] if settings.SANDBOX or not databases else find()

    register(run, Tags.database, deploy=True)
    return find


def _hint(do: str, section: str) -> str:
    return f"{do} See “{section}” in docs/operate.md."
