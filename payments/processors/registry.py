"""Which processors there are. One is active only when `settings.PROCESSORS` names it.

Built-in ones by module, third parties' by the entry-point group `marketplace.processors`. What is wrong
with one is a system check's error (payments.checks), never a crash at import.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from django.conf import settings

from payments.processors.base import API, Can, Processor

GROUP = "marketplace.processors"
BUILT_IN = {
    "stripe": "payments.processors.stripe",
    "bitcoin": "payments.processors.bitcoin",
    "erc20": "payments.processors.erc20",
    "transfer": "payments.processors.transfer",
    "bank": "payments.processors.bank",
    "balance": "payments.processors.balance",
}
_made: dict[str, tuple[Mapping[str, Any], Processor]] = {}


class NoProcessor(Exception):
    """No usable processor of this name; the message says what is wrong with it."""


def get(slug: str) -> Processor:
    """The active processor `slug`, made once per configuration. NoProcessor when there is none."""
    config = settings.PROCESSORS.get(slug)
    if config is None:
        names = ", ".join(sorted(settings.PROCESSORS)) or "none"
        raise NoProcessor(f"Processor {slug!r} is not switched on in PROCESSORS; {names} are.")
    made = _made.get(slug)
    if made is None or made[0] is not config:
        made = _made[slug] = (config, load(slug)(config))
    return made[1]


def active() -> list[Processor]:
    """All that settings switch on, in that order."""
    return [get(slug) for slug in settings.PROCESSORS]


def can(slug: str) -> Can:
    """What it can do; nothing when it was switched off."""
    return get(slug).can if slug in settings.PROCESSORS else Can.NOTHING


def load(slug: str) -> type[Processor]:
    """The class of `slug`. NoProcessor names what is wrong: missing, broken, two of one name."""
    theirs = [point for point in plugins() if point.name == slug]
    if len(theirs) + (slug in BUILT_IN) > 1:
        raise NoProcessor(f"Several packages provide a processor {slug!r}. Remove all but one.")
    if slug in BUILT_IN:
        return _checked(slug, _in_module(BUILT_IN[slug]))
    if not theirs:
        raise NoProcessor(f"No package provides a processor {slug!r}. Install it or remove it.")
    return _checked(slug, _loaded(theirs[0]))


@cache
def plugins() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=GROUP))


def _in_module(path: str) -> object:
    try:
        module = import_module(path)
    except Exception as error:
        raise NoProcessor(f"{path} cannot be imported: {error!r}") from error
    own = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Processor) and value.__module__ == path
    ]
    return own[0] if len(own) == 1 else None


def _loaded(point: EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:
        raise NoProcessor(f"{point.value} cannot be loaded: {error!r}") from error


def _checked(slug: str, found: object) -> type[Processor]:
    if not inspect.isclass(found) or not issubclass(found, Processor):
        raise NoProcessor(f"What provides the processor {slug!r} is no Processor class: {found!r}.")
    if getattr(found, "slug", None) != slug:
        raise NoProcessor(f"{found.__qualname__} is named {slug!r} but its slug is another.")
    if found.api != API:
        raise NoProcessor(f"{found.__qualname__} is written for API {found.api}, this is {API}.")
    if inspect.isabstract(found):
        missing = ", ".join(sorted(found.__abstractmethods__))
        raise NoProcessor(f"{found.__qualname__} lacks {missing}.")
    return found
