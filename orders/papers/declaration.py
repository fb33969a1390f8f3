"""What a parcel declares: pure values. What is not known is none, and `missing` says it by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import Money, total


@dataclass(frozen=True, slots=True)
class Party:
    """`lines`: street, place and the like in the order of the country, without name and country."""

    name: str
    company: str
    lines: tuple[str, ...]
    country: str
    phone: str = ""

    @property
    def known(self) -> bool:
        return bool(self.name and self.lines and self.country)


@dataclass(frozen=True, slots=True)
class Piece:
    """`quantity` of one thing. `net_g` and `value` are of all of them; `hs_code` is as the seller gave it."""

    line: int
    description: str
    quantity: int
    net_g: int | None
    value: Money
    hs_code: str
    origin: str
    sku: str = ""
    maker_id: str = ""
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parcel of an order. Money is in the shop's currency. `references`: scheme or register, and its number."""

    order: str
    number: int
    parcels: int
    sender: Party
    addressee: Party
    pieces: tuple[Piece, ...]
    currency: str
    gross_g: int | None
    postage: Money | None
    incoterm: str
    place: str
    references: tuple[tuple[str, str], ...] = ()
    unnamed_schemes: tuple[str, ...] = ()  # collected for, but nobody recorded their number
    flat_duty: Money | None = None  # of each of these distinct subheadings, by the rule of the quote
    flat_duty_codes: tuple[str, ...] = ()
    charged: tuple[tuple[str, Money], ...] = ()  # duty and tax that were collected at checkout
    tracking_number: str = ""
    carrier: str = ""
    comments: str = ""
    licences: str = ""
    certificates: str = ""

    @property
    def value(self) -> Money:
        return total((piece.value for piece in self.pieces), self.currency)

    @property
    def net_g(self) -> int | None:
        """Of all pieces; none when one of them is not known."""
        weights = [piece.net_g for piece in self.pieces]
        return None if None in weights else sum(weight or 0 for weight in weights)

    @property
    def count(self) -> int:
        return sum(piece.quantity for piece in self.pieces)

    @property
    def crosses_a_border(self) -> bool:
        return self.incoterm in {"DDP", "DAP"}

    @property
    def invoice_number(self) -> str:
        """The order's number is unique, so is this."""
        return f"{self.order}-{self.number}"

    @property
    def terms(self) -> str:
        return f"{self.incoterm} {self.place}"


@dataclass(frozen=True, slots=True)
class Missing:
    """`where` it is mended: profile, parcel, listing, address; or by the operator, who need not be waited for."""

    what: str
    where: str

    @property
    def blocks(self) -> bool:
        """Whether no customs form can be printed without it."""
        return self.where != "operator"


def missing(declared: Declaration) -> list[Missing]:
    """What a customs form needs and nobody has said, each by name; empty when it can be printed."""
    return list(_missing(declared))


def _missing(declared: Declaration) -> Iterator[Missing]:
    if not declared.sender.known:
        yield Missing(_("The sender's name and address are missing."), "profile")
    if not declared.addressee.known:
        yield Missing(_("The addressee's address is missing."), "address")
    if not declared.pieces:
        yield Missing(_("Nothing is in this parcel."), "parcel")
    for piece in declared.pieces:
        yield from _of_piece(piece)
    if declared.gross_g is None:
        yield Missing(_("The weight of the whole parcel is missing."), "parcel")
    elif declared.net_g is not None and declared.gross_g < declared.net_g:
        yield Missing(
            _("The parcel weighs %(gross)d g, less than what is in it, %(net)d g.")
            % {"gross": declared.gross_g, "net": declared.net_g},
            "parcel",
        )
    if declared.postage is None:
        yield Missing(_("What the post takes for this parcel is missing."), "parcel")
    for scheme in declared.unnamed_schemes:
        yield Missing(
            _("The number of %(scheme)s is missing: without it customs may ask the buyer for the tax again.")
            % {"scheme": scheme},
            "operator",
        )


def _of_piece(piece: Piece) -> Iterator[Missing]:
    named = {"title": piece.description}
    if not piece.net_g:
        yield Missing(_("The net weight of “%(title)s” is missing.") % named, "parcel")
    if len(piece.hs_code) < 6:
        yield Missing(_("The HS code of “%(title)s” has fewer than six digits.") % named, "listing")
    if not piece.origin:
        yield Missing(_("The country of origin of “%(title)s” is missing.") % named, "listing")
