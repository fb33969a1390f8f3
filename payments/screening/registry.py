"""Providers by the names in settings.SCREENING_PROVIDERS: built-in ones, then entry points."""

from __future__ import annotations

from django.conf import settings

from marketplace.lib import plugins
from payments.screening.base import ScreeningProvider
from payments.screening.embargo import EmbargoScreening
from payments.screening.listfile import ListScreening

BUILT_IN: dict[str, type | str] = {found.slug: found for found in (EmbargoScreening, ListScreening)}
KIND = plugins.Kind(
    noun="screening provider",
    group="marketplace.screening",
    setting="SCREENING_PROVIDERS",
    ours=BUILT_IN,
    named="slug",
    base=ScreeningProvider,
)


def active() -> list[ScreeningProvider]:
    """The providers that are asked. PluginError when one is unknown or broken: then nothing is paid."""
    return [load(slug) for slug in settings.SCREENING_PROVIDERS]


def load(slug: str) -> ScreeningProvider:
    made: ScreeningProvider = plugins.load(KIND, slug)()
    return made
