"""Nobody in a country under an embargo is paid, nor any bank there."""

from __future__ import annotations

from typing import ClassVar

from marketplace.lib.embargoes import embargoes
from payments.screening.base import Payee, ScreeningProvider


class EmbargoScreening(ScreeningProvider):
    slug: ClassVar[str] = "embargoes"
    offline: ClassVar[bool] = True

    def screen(self, payee: Payee) -> str:
        table = embargoes()
        found = [(country, table[country]) for country in payee.countries if country in table]
        return "; ".join(f"{country}: {embargo.reason}" for country, embargo in found if embargo.blocks)
