"""The parameters of the shelf's address, read leniently: what is nonsense is what the visitor chose before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fx.money import COINS, EXPONENT
from listings.search import LONGEST
from marketplace.lib.places import is_country
from marketplace.lib.visitor import Visitor

SORTS = ("best", "newest", "door")
ANYWHERE = "any"


@dataclass(frozen=True, slots=True)
class BrowseQuery:
    """What is looked for: `ship_to` empty means anywhere; prices are then still those at `door`."""

    q: str
    ship_to: str
    door: str
    currency: str
    sort: str

    @classmethod
    def read(cls, data: Mapping[str, str], visitor: Visitor) -> BrowseQuery:
        asked = data.get("ship_to", "")
        country = asked.upper() if is_country(asked.upper()) else visitor.country
        currency = data.get("currency", "").upper()
        return cls(
            q=" ".join(data.get("q", "").replace("\0", " ")[:LONGEST].split()),
            ship_to="" if asked == ANYWHERE else country,
            door=country,
            currency=currency if currency in EXPONENT and currency not in COINS else visitor.currency,
            sort=data.get("sort", "") if data.get("sort", "") in SORTS else "best",
        )
