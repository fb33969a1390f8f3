"""Carriers by name, with the page on which each shows where a parcel is.

A page stands here only where the carrier takes the number in the address; each was read in the public code of several
shops on 2026-11-29, none from the carrier itself. A carrier without one, or one that is not here, is written as the
seller writes it, and its number is shown without a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from marketplace.lib.line import one_line


@dataclass(frozen=True, slots=True)
class Carrier:
    """`page`: an address with `{}` for the number; empty where none is known."""

    key: str
    name: str
    page: str = ""
    also: Sequence[str] = ()


CARRIERS: Sequence[Carrier] = (
    Carrier("australia-post", "Australia Post", "https://auspost.com.au/mypost/track/#/details/{}", ("AusPost",)),
    Carrier("bring", "Bring", also=("Posten", "Posten Norge")),
    Carrier(
        "canada-post",
        "Canada Post",
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
        ("Postes Canada",),
    ),
    Carrier("correos-de-mexico", "Correos de México", also=("Correos de Mexico", "Sepomex")),
    Carrier(
        "deutsche-post",
        "Deutsche Post",
        "https://www.deutschepost.de/de/s/sendungsverfolgung/verfolgen.html?piececode={}",
    ),
    Carrier("dhl", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={}", ("DHL Express",)),
    Carrier(
        "dhl-paket",
        "DHL Paket",
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}",
        ("DHL Deutschland",),
    ),
    Carrier("fedex", "FedEx", "https://www.fedex.com/fedextrack/?trknbr={}", ("Federal Express",)),
    Carrier("india-post", "India Post"),
    Carrier("japan-post", "Japan Post"),
    Carrier("la-poste", "La Poste", also=("Colissimo",)),
    Carrier("new-zealand-post", "NZ Post", also=("New Zealand Post",)),
    Carrier("oesterreichische-post", "Österreichische Post", also=("Austrian Post",)),
    Carrier("pos-malaysia", "Pos Malaysia"),
    Carrier("poste-italiane", "Poste Italiane"),
    Carrier("postnl", "PostNL"),
    Carrier("royal-mail", "Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    Carrier("singpost", "SingPost", also=("Singapore Post",)),
    Carrier("swiss-post", "Swiss Post", also=("Die Schweizerische Post", "La Poste Suisse")),
    Carrier("ups", "UPS", "https://www.ups.com/track?tracknum={}", ("United Parcel Service",)),
    Carrier(
        "usps", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}", ("United States Postal Service",)
    ),
)
BY_KEY = {carrier.key: carrier for carrier in CARRIERS}
_BY_NAME = {word.casefold(): carrier for carrier in CARRIERS for word in (carrier.key, carrier.name, *carrier.also)}


def carrier_of(text: str) -> Carrier:
    """The carrier that somebody wrote, by its key or one of its names; else one of that name alone, without a key."""
    name = one_line(text)
    return _BY_NAME.get(name.casefold()) or Carrier("", name)


def page_of(key: str, number: str) -> str:
    """Where the carrier shows the parcel; empty when that is not known."""
    carrier = BY_KEY.get(key)
    return carrier.page.format(quote(number, safe="")) if carrier is not None and carrier.page and number else ""
