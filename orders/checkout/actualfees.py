"""The fee sheet of a placed order: as quoted, actual once the processor's own statement shows it, with its rebate."""

from __future__ import annotations

from collections.abc import Sequence

from fx.money import Money
from orders.checkout.feesheet import FeeSheet
from orders.checkout.settling import rebated, settled
from orders.models import Order
from payments.fees import Kept, kept_of
from payments.ledger.rebates import rebates_of
from payments.models import Payment
from payments.processors import registry


def sheet_of(order: Order) -> FeeSheet:
    """The same for buyer and seller."""
    return sheets_of([order])[order.pk]


def sheets_of(orders: Sequence[Order]) -> dict[int, FeeSheet]:
    """By the order's id; some queries, however many orders."""
    payments = {order.checkout.payment_id: order.checkout.payment for order in orders}
    kept = kept_of(list(payments.values()))
    rebates = rebates_of([order.number for order in orders])
    return {
        order.pk: _sheet(order, kept.get((order.checkout.payment_id, order.number)), rebates.get(order.number))
        for order in orders
    }


def _sheet(order: Order, kept: Kept | None, rebate: Money | None) -> FeeSheet:
    sheet = FeeSheet.from_json(order.fee_sheet, order.buyer_currency)
    if rebate:
        sheet = rebated(sheet, rebate)
    if kept is None:
        return sheet
    payment = order.checkout.payment
    money = _in_buyers_money(kept.money, payment, order.buyer_currency)
    return settled(sheet, money, taker=registry.label_of(payment.processor), line=kept.line, at=kept.at)


def _in_buyers_money(money: Money, payment: Payment, currency: str) -> Money:
    """A coin's fee at the rate of the quote that was paid, rounded up."""
    if money.currency == currency:
        return money
    quote = payment.quote
    return Money(-(-money.amount * quote.amount_minor // quote.pay_minor), currency)
