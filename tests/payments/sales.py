"""Many paid orders at once, as captures and releases leave them: rows and journals, without a processor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from fx.models import Conversion, Quote, RateSet
from fx.money import Money
from fx.services import record_conversions
from marketplace.lib.clock import now
from marketplace.models import User
from payments import booking
from payments.holds import Release
from payments.ledger import codes
from payments.ledger.posting import post_all
from payments.models import Payment, PaymentLine
from tests.payments.netting import BOXES, converted


def euros(price: Money) -> Money:
    """INR 100.00 for one, and a cent."""
    return Money(price.amount // 100 + 1, "EUR")


def satoshis(price: Money) -> Money:
    """Of INR 105 for a euro, a tenth for each paisa."""
    return Money(price.amount // 10, "BTC")


def sold(
    prices: Sequence[Money], sellers: Sequence[User], *, buyer: User, pays: Callable[[Money], Money] = euros
) -> list[Release]:
    """One order each, S1 and so on, paid as `pays` says; how each will be released."""
    rates, at = RateSet.objects.create(), now()
    quotes = Quote.objects.bulk_create(_quote(rates, pays(price), at) for price in prices)
    payments = Payment.objects.bulk_create(
        Payment(
            user=buyer,
            ref=f"CS{number}",
            processor=BOXES.get(quote.pay_currency, "pocket"),
            quote=quote,
            currency=quote.pay_currency,
            amount_minor=quote.pay_minor,
            received_minor=quote.pay_minor,
            state=Payment.State.CAPTURED,
            refund_terms="value",
            processor_ref=f"pocket{number}",
            return_url="http://127.0.0.1/pay/",
            expires_at=at,
            monitor_until=at,
            captured_at=at,
        )
        for number, quote in enumerate(quotes, 1)
    )
    releases = [
        Release(f"S{number}", payment, sellers[number % len(sellers)], price, price.times(0), price.times(0))
        for number, (payment, price) in enumerate(zip(payments, prices, strict=True), 1)
    ]
    lines = PaymentLine.objects.bulk_create(map(_line, releases))
    for first in range(0, len(lines), 500):
        some = slice(first, first + 500)
        pairs = list(zip(payments[some], lines[some], strict=True))
        post_all([booking.capture(payment, [line], payment.received) for payment, line in pairs])
        record_conversions(_conversion(payment, line) for payment, line in pairs)
    return releases


def opposite(price: Money, seller: User) -> None:
    """Somebody pays that much of the same money for what is priced in euros."""
    converted([(price, Money(price.amount // 104, "EUR"))], seller, since=900_000)


def _quote(rates: RateSet, pay: Money, at: dt.datetime) -> Quote:
    return Quote(
        owner="user:1",
        basket="b",
        rate_set=rates,
        spread_bps=40,
        currency=pay.currency,
        amount_minor=pay.amount,
        pay_currency=pay.currency,
        pay_minor=pay.amount,
        expires_at=at,
    )


def _line(one: Release) -> PaymentLine:
    return PaymentLine(
        payment=one.payment,
        ref=one.ref,
        component="goods",
        seller=one.seller,
        account=codes.hold(one.ref, one.held.currency).code,
        target_currency=one.held.currency,
        target_minor=one.held.amount,
        pay_minor=one.payment.amount_minor,
        value_minor=one.payment.amount_minor,
    )


def _conversion(payment: Payment, line: PaymentLine) -> Conversion:
    return Conversion(
        journal_key=f"capture:{payment.pk}",
        ref=line.ref,
        quote_id=payment.quote_id,
        sell_currency=payment.currency,
        sell_minor=payment.amount_minor,
        buy_currency=line.target_currency,
        buy_minor=line.target_minor,
        seller_id=line.seller_id,
        counted=True,
    )
