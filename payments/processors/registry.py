"""Which processors there are. One is active only when `settings.PROCESSORS` names it.

Built-in ones by module, third parties' by the entry-point group `marketplace.processors`. What is wrong
with one is a system check's error (payments.checks), never a crash at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.lib import plugins
from payments.processors.base import API, Can, Processor

BUILT_IN: dict[str, type | str] = {
    "stripe": "payments.processors.stripe:Stripe",
    "bitcoin": "payments.processors.bitcoin:Bitcoin",
    "erc20": "payments.processors.erc20:Erc20",
    "transfer": "payments.processors.transfer:BankTransfer",
    "bank": "payments.processors.bank:Bank",
    "balance": "payments.processors.balance:Balance",
}
_made: dict[str, tuple[Mapping[str, Any], Processor]] = {}


class NoProcessor(plugins.PluginError):
    """No usable processor of this name; the message says what is wrong with it."""


KIND = plugins.Kind(
    noun="processor",
    group="marketplace.processors",
    setting="PLUGIN_PROCESSORS",
    ours=BUILT_IN,
    named="slug",
    base=Processor,
    api=API,
    error=NoProcessor,
)


def get(slug: str) -> Processor:
    """The active processor `slug`, made once per configuration. NoProcessor when there is none."""
    config = settings.PROCESSORS.get(slug)
    if config is None:
        names = ", ".join(sorted(settings.PROCESSORS)) or "none"
        raise NoProcessor(f"Processor {slug!r} is not switched on in PROCESSORS; {names} are.")
    made = _made.get(slug)
    if made is None or made[0] is not config:
        made = _made[slug] = (config, _made_of(load(slug), config))
    return made[1]


def _made_of(found: type[Processor], config: Mapping[str, Any]) -> Processor:
    try:
        return found(config)
    except Exception as error:  # a plug-in refuses its configuration in its own words
        raise NoProcessor(f"Processor {found.slug!r} refuses its configuration: {error}") from error


def active() -> list[Processor]:
    """All that settings switch on, in that order."""
    return [get(slug) for slug in settings.PROCESSORS]


def slugs() -> list[str]:
    """Of all that settings switch on."""
    return list(settings.PROCESSORS)


def label_of(slug: str) -> str:
    """What buyers read; the name itself when it was switched off."""
    return _(get(slug).label) if slug in settings.PROCESSORS else slug


def can(slug: str) -> Can:
    """What it can do; nothing when it was switched off."""
    return get(slug).can if slug in settings.PROCESSORS else Can.NOTHING


def load(slug: str) -> type[Processor]:
    """The class of `slug`. NoProcessor names what is wrong: missing, broken, two of one name."""
    return plugins.load(KIND, slug)


def dust_of(slug: str) -> int:
    """Fewer minor units of its coin are not sent; 0 while it is switched off."""
    try:
        return get(slug).dust
    except NoProcessor:
        return 0
