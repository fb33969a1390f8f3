"""What is installed of each kind of plug-in, what is switched on, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from fx.providers import registry as rates
from marketplace.lib import plugins
from payments.processors import registry as processors
from payments.screening import registry as screening

KINDS = (
    (processors.KIND, lambda: settings.PROCESSORS, processors.get),
    (rates.KIND, lambda: settings.RATE_PROVIDERS, rates.load),
    (screening.KIND, lambda: settings.SCREENING_PROVIDERS, screening.load),
)


class Command(BaseCommand):
    help = "Every processor, rate provider and screening provider: from where, on or off. Exit 1 when one is broken."
    requires_system_checks = ()  # it says more than they do

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for kind, switched_on, make in KINDS:
            on = list(switched_on())
            for name in [*on, *(name for name in plugins.names(kind) if name not in on)]:
                problem = _problem(kind, name, make if name in on else None)
                broken += bool(problem)
                self.stdout.write(_line(kind, name, name in on, problem))
        if broken:
            raise CommandError(f"{broken} cannot be used.")


def _line(kind: plugins.Kind, name: str, on: bool, problem: str) -> str:
    said = "BROKEN" if problem else "on" if on else "off"
    where = plugins.origin(kind, name) or ("built in" if name in kind.ours else "not installed")
    return f"{kind.noun:<19}{name:<16}{said:<8}{where}{f': {problem}' if problem else ''}"


def _problem(kind: plugins.Kind, name: str, make: Any) -> str:
    """Loaded when it is off; made with its configuration when it is on."""
    try:
        plugins.load(kind, name)
        if make is not None:
            make(name)
    except ImproperlyConfigured as error:
        return str(error)
    return ""
