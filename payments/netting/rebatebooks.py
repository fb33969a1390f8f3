"""What a set of rebates does to the books, worked out from what is read at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db.models import Sum

from fx.models import WindowShare
from fx.money import Money
from fx.rates import HUB
from marketplace.models import User
from payments import booking
from payments.ledger import codes
from payments.ledger.balances import balances
from payments.ledger.posting import Draft, Leg
from payments.models import Payment, PaymentLine, Rebate, RefundLine

Order = tuple[UUID, str]


def order_of(journal_key: str, ref: str) -> Order:
    """The payment and the order of a conversion that came in by a capture."""
    return UUID(journal_key.removeprefix("capture:")), ref


class RebateBooks:
    """Of `shares` whose orders are released, all with their payments and sellers locked: the rebates that are `new`,
    and of the others those that `changed`, as they have to be; a journal for each change (`drafts`), and what of them
    crosses currencies (`crossed`).

    As if one came after the other: what a seller owes falls with each draft that repays some.
    """

    def __init__(self, shares: Sequence[WindowShare], payments: Mapping[UUID, Payment]) -> None:
        self.drafts: list[Draft] = []
        self.crossed: list[tuple[str, Payment, booking.Crossing]] = []
        self.payments = payments
        conversions = [share.conversion for share in shares]
        self.orders = {one.pk: order_of(one.journal_key, one.ref) for one in conversions}
        self.held, self.gone = _held(self.orders.values()), _gone(self.orders.values())
        there = Rebate.objects.filter(conversion__in=conversions)
        known = {rebate.conversion_id: rebate for rebate in there}
        rebates = [known.get(share.conversion_id) or _new(share) for share in shares]
        self.new = [rebate for rebate in rebates if rebate.pk is None]
        self.changed: list[Rebate] = []
        self.debts = balances(_debt(rebate) for rebate in rebates)
        for rebate, share in zip(rebates, shares, strict=True):
            self._bring(rebate, share)

    def _bring(self, rebate: Rebate, share: WindowShare) -> None:
        order = self.orders[rebate.conversion_id]
        held, gone = self.held[order], self.gone.get(order, 0)
        due = Money(rebate.most_minor * (held - gone) // held, rebate.currency)
        hub = due if rebate.currency == HUB else Money(_hub(share, due.amount), HUB)
        if due == rebate.booked:
            return
        rebate.journals += 1
        self._book(rebate, order, share.conversion.seller, due - rebate.booked, hub - rebate.hub)
        rebate.booked_minor, rebate.hub_minor = due.amount, hub.amount
        if rebate.pk is not None:
            self.changed.append(rebate)

    def _book(self, rebate: Rebate, order: Order, seller: User | None, change: Money, hub: Money) -> None:
        """One journal. Where it crosses currencies, the next window has it."""
        key = f"rebate:{order[0]}:{rebate.ref}:{rebate.journals}"
        expense = (codes.expense("rebate", HUB), hub.amount)
        given = change.amount > 0
        sell, buy = (hub, change) if given else (-change, -hub)
        legs = [expense, *booking.across(sell, buy), *self._to_seller(rebate, change)]
        draft = Draft(key, "rebate", rebate.ref, legs) if given else Draft(key, "rebate_back", rebate.ref, legs)
        self.drafts.append(draft)
        if rebate.currency != HUB:
            crossing = booking.Crossing(rebate.ref, sell, buy, seller)
            self.crossed.append((key, self.payments[order[0]], crossing))

    def _to_seller(self, rebate: Rebate, change: Money) -> list[Leg]:
        """What is given pays an open debt first, the rest is payable; what is taken back is debt."""
        code = _debt(rebate)
        debt = self.debts[code.code]
        repaid = min(debt, change)  # taken back: less than nothing
        self.debts[code.code] = debt - repaid
        payable = codes.seller(rebate.seller_id, rebate.currency)
        return [(code, -repaid.amount), (payable, -(change - repaid).amount)]


def _new(share: WindowShare) -> Rebate:
    conversion = share.conversion
    assert conversion.seller_id is not None, "only a seller's share has a rebate"
    return Rebate(
        conversion=conversion,
        window=share.window,
        ref=conversion.ref,
        seller_id=conversion.seller_id,
        currency=conversion.buy_currency,
        most_minor=share.rebate_minor,
    )


def _debt(rebate: Rebate) -> codes.Code:
    return codes.seller_debt(rebate.seller_id, rebate.currency)


def _hub(share: WindowShare, due: int) -> int:
    """What the platform gives for `due`: its part of the saving, rounded up; the difference is in the position."""
    most = -(-share.saving_minor * share.window.share_percent // 100)
    return -(-most * due // share.rebate_minor)


def _held(orders: Collection[Order]) -> dict[Order, int]:
    """What came in for each order, in the seller's money."""
    lines = PaymentLine.objects.filter(account__startswith="hold:", **_among(orders, ""))
    sums = lines.values_list("payment", "ref").annotate(Sum("target_minor"))
    return {(payment, ref): int(minor) for payment, ref, minor in sums}


def _gone(orders: Collection[Order]) -> dict[Order, int]:
    """What of it is the buyer's again, sent or only promised."""
    lines = RefundLine.objects.filter(line__account__startswith="hold:", **_among(orders, "line__"))
    sums = lines.values_list("line__payment", "line__ref").annotate(Sum("target_minor"))
    return {(payment, ref): int(minor) for payment, ref, minor in sums}


def _among(orders: Collection[Order], at: str) -> dict[str, object]:
    return {
        f"{at}payment__in": {payment for payment, _ref in orders},
        f"{at}ref__in": {ref for _payment, ref in orders},
    }
