"""A seller's statement of a period: opening balance, every movement in words, closing balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import overload

from django.urls import reverse

from fx.money import Money
from listings.models import Shop
from marketplace.lib.period import Period
from marketplace.models import User
from orders.models import Order
from orders.money.words import PARTS, why
from payments.models import Chargeback, Payout
from payments.sellers.movements import BATCH, PAYABLE, Account, Moved
from payments.sellers.spending import BACK, TAKEN

PAYOUTS = {"payout", "payout_back", "payout_returned"}
BANKS = {"contested", "uncontested"}


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` is positive where more is the seller's, or less is owed. `about` names the orders, or where a payout
    went; `link` leads to it where it is one. Of a payout, where noted: what `matched`, so came in as its currency,
    and `note` says so."""

    at: dt.datetime
    key: str
    kind: str
    part: str
    account: str
    why: str
    about: str
    link: str
    amount: Money
    balance: Money
    matched: Money | None
    note: str


@dataclass(frozen=True, slots=True)
class About:
    """What the reference of a journal names, where that leads, and the payout that it is."""

    names: str = ""
    link: str = ""
    payout: Payout | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Of one shop's owner, in the shop's currency."""

    shop: Shop
    period: Period

    @property
    def account(self) -> Account:
        return Account(self.shop.owner_id, self.shop.currency, self.period.start, self.period.end)

    def each(self, opening: Money) -> Iterator[Movement]:
        """All, the oldest first."""
        moved = self.account.each(opening)
        while batch := list(islice(moved, BATCH)):
            yield from explained(self.shop.owner, batch)

    def latest(self, opening: Money, *, offset: int, limit: int) -> list[Movement]:
        return explained(self.shop.owner, self.account.latest(opening, offset=offset, limit=limit))


class Pages(Sequence[Movement]):
    """The newest first, for a paginator: a slice is one query, and what it says is read together."""

    def __init__(self, statement: Statement) -> None:
        self.statement, self.opening = statement, statement.account.opening()
        self.number, moved = statement.account.count()
        self.closing = self.opening + moved

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, index: int) -> Movement: ...

    @overload
    def __getitem__(self, index: slice) -> list[Movement]: ...

    def __getitem__(self, index: int | slice) -> Movement | list[Movement]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop = index.start or 0, self.number if index.stop is None else index.stop
        return self.statement.latest(self.opening, offset=start, limit=stop - start)


def explained(seller: User, moved: Iterable[Moved]) -> list[Movement]:
    """In words, with what it is about: one query for each sort of reference."""
    lines = list(moved)
    about = _about(seller, lines)
    return [_movement(one, about.get(one.ref, About())) for one in lines]


def _movement(one: Moved, about: About) -> Movement:
    payout = about.payout if (one.kind, one.part) == ("payout", PAYABLE) else None
    return Movement(
        one.at,
        one.key,
        one.kind,
        one.part,
        str(PARTS[one.part]),
        why(one.kind, one.part),
        about.names,
        about.link,
        one.amount,
        one.balance,
        matched=payout.matched if payout else None,
        note=payout.matched_in_words if payout else "",
    )


def _about(seller: User, lines: Sequence[Moved]) -> dict[str, About]:
    """By reference of a journal."""

    def refs(kinds: set[str]) -> set[str]:
        return {line.ref for line in lines if line.kind in kinds}

    mine = Order.objects.sold_by(seller)
    other = PAYOUTS | BANKS | {TAKEN, BACK}
    sold = mine.filter(number__in={line.ref for line in lines if line.kind not in other})
    found = {number: About(number, _sale(number)) for number in sold.values_list("number", flat=True)}
    for payout in Payout.objects.filter(pk__in=refs(PAYOUTS), seller=seller).select_related("method"):
        found[str(payout.pk)] = About(payout.method.words, reverse("orders:payout", args=[payout.pk]), payout)
    for claim in Chargeback.objects.filter(pk__in=refs(BANKS)):
        numbers = mine.filter(checkout__payment=claim.payment_id).order_by("number").values_list("number", flat=True)
        found[str(claim.pk)] = _named(list(numbers), _sale)
    bought = Order.objects.bought_by(seller).filter(checkout__payment__pk__in=refs({TAKEN, BACK})).order_by("number")
    by_payment: dict[str, list[str]] = {}
    for payment, number in bought.values_list("checkout__payment", "number"):
        by_payment.setdefault(str(payment), []).append(number)
    return found | {ref: _named(numbers, _purchase) for ref, numbers in by_payment.items()}


def _named(numbers: list[str], link: Callable[[str], str]) -> About:
    return About(", ".join(numbers), link(numbers[0]) if len(numbers) == 1 else "")


def _sale(number: str) -> str:
    return reverse("orders:sale", args=[number])


def _purchase(number: str) -> str:
    return reverse("orders:detail", args=[number])
