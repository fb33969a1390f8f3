"""Who looks: the country goods go to, the currency prices are shown in, the language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visitor:
    """`country` is ISO 3166-1 alpha-2, `currency` ISO 4217, `language` a key of `LANGUAGES`."""

    country: str
    currency: str
    language: str
