"""Providers by the names in settings.SCREENING_PROVIDERS: built-in ones, then entry points."""

from __future__ import annotations

from importlib.metadata import entry_points

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.screening.base import ScreeningProvider
from payments.screening.embargo import EmbargoScreening
from payments.screening.listfile import ListScreening

GROUP = "marketplace.screening"
BUILT_IN: dict[str, type[ScreeningProvider]] = {found.slug: found for found in (EmbargoScreening, ListScreening)}


def active() -> list[ScreeningProvider]:
    """The providers that are asked. ImproperlyConfigured when one is unknown or broken: then nothing is paid."""
    return [load(slug) for slug in settings.SCREENING_PROVIDERS]


def load(slug: str) -> ScreeningProvider:
    found = BUILT_IN.get(slug) or _plug_in(slug)
    if not isinstance(found, type) or not issubclass(found, ScreeningProvider) or getattr(found, "slug", "") != slug:
        raise ImproperlyConfigured(f"SCREENING_PROVIDERS has {slug!r}, but {found!r} is no provider of that name.")
    return found()


def _plug_in(slug: str) -> object:
    for entry in entry_points(group=GROUP, name=slug):
        try:
            return entry.load()
        except Exception as error:
            raise ImproperlyConfigured(f"Screening {slug!r} ({entry.value}) does not load: {error}") from error
    known = ", ".join(BUILT_IN)
    raise ImproperlyConfigured(
        f"SCREENING_PROVIDERS has {slug!r}, which is neither built in ({known}) nor an entry point of {GROUP}."
    )
