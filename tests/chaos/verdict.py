"""What must be true after it all: said as a list of what is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from payments.doubles.stripe.store import Obj, Store
from tests.chaos.buyers import Bought
from tests.chaos.world import PLENTY, RARE

MEANS = {"captured": "paid", "canceled": "canceled"}  # what its orders are, by the state of the payment


@dataclass(frozen=True)
class Stripe:
    """What the double wrote down: payment intents and charges that took money, by our payment's id."""

    intents: dict[str, list[Obj]]
    charges: dict[str, list[Obj]]

    @classmethod
    def read(cls, data: Path) -> Stripe:
        store = Store(data)
        intents, charges = defaultdict(list), defaultdict(list)
        owner = {}
        for intent in store.every("payment_intent"):
            owner[intent["id"]] = intent["metadata"]["payment"]
            intents[owner[intent["id"]]].append(intent)
        for charge in store.every("charge", status="succeeded"):
            charges[owner[charge["payment_intent"]]].append(charge)
        return cls(dict(intents), dict(charges))


def wrong(books: dict[str, Any], stripe: Stripe, story: Sequence[Bought], rare: int) -> list[str]:
    """Every sentence is a broken promise. `rare` is the id of the listing with few pieces."""
    return [
        *_acknowledged(books["payments"], story),
        *_charges(books["payments"], stripe),
        *_stock(books["stock"], rare),
        *(f"operation {key} waits as {state}: {error}" for key, state, error in books["operations"]),
        *(f"webhook {event} waits: {error}" for event, error in books["inbox"]),
    ]


def _acknowledged(payments: dict[str, Any], story: Sequence[Bought]) -> Iterator[str]:
    """Every order that a buyer was told of is there, in the state they were told, and no other."""
    known = {about["token"]: about for about in payments.values()}
    for bought in story:
        if not bought.token:
            continue
        about = known.pop(bought.token, None)
        if about is None or list(about["orders"]) != bought.orders:
            yield f"{bought} is lost: {about}"
        elif about["state"] != bought.told or set(about["orders"].values()) != {MEANS[bought.told]}:
            yield f"{bought} is not what the buyer was told: {about}"
    for about in known.values():
        yield f"nobody was told of {about}"


def _charges(payments: dict[str, Any], stripe: Stripe) -> Iterator[str]:
    """One charge of the right amount per paid order, none for any other, one payment asked for once."""
    for name in stripe.intents.keys() - payments.keys():
        yield f"Stripe knows a payment {name} that the site does not"
    for name, about in payments.items():
        asked, charged = stripe.intents.get(name, []), stripe.charges.get(name, [])
        if [intent["id"] for intent in asked] != [about["intent"]]:
            yield f"payment {name} was asked for {len(asked)} times: {about}"
        paid = [about["minor"]] if about["state"] == "captured" else []
        if [charge["amount_captured"] for charge in charged] != paid:
            yield f"payment {name} was charged {len(charged)} times: {about}"


def _stock(stock: dict[str, dict[str, int]], rare: int) -> Iterator[str]:
    for listing, about in stock.items():
        had = RARE if listing == str(rare) else PLENTY
        if about["left"] + about["gone"] != had or about["left"] < 0:
            yield f"listing {listing} had {had} pieces: {about}"
