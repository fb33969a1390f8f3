"""The first versions of the texts people accept. They say what the software does; an operator replaces them."""

from __future__ import annotations

from typing import Any

from django.db import migrations

NOTICE = (
    "This is a template that comes with the software. It describes truthfully what the software does; "
    "it is not legal advice. The operator of this marketplace must replace it with a text of their own, "
    "in the admin under Legal texts, before the first real sale."
)

TERMS = f"""{NOTICE}

## Who sells
Every thing on this marketplace is sold by the shop that is named beside it. The contract of sale is between
you and that shop. The marketplace brings you together, collects the payment, keeps it for the time of
delivery, and pays the shop.

## What you pay
Before you pay you see one amount in your currency, what it consists of, who takes each part, and until when
it is valid. The exchange rate is locked for that time. A client or a seller cannot change the amount. Where
duty, tax or a carrier's fee is not known exactly, the amount says "at least" and you pay the rest to the
carrier on arrival.

## Held payment
Your payment is held and not given to the seller before you have the thing, or the time to complain has
passed. A held payment is buyer protection by this marketplace; it is not a trust account or a bank deposit.

## If something goes wrong
When the seller does not ship in time, your payment is given back in full by itself. When a parcel is lost,
damaged or not as described, open a dispute on the order's page before its deadline; the deadline is shown
there.

## Refunds
A refund goes back the way you paid. You get back the amount you paid in your currency, at the original
exchange rate, whatever the rate did since. A payment in a coin such as bitcoin is refunded by its value in
the currency of the order.

## Changing your mind
If you live in the European Union you can withdraw from a purchase within 14 days after delivery, without a
reason. Confirming a delivery early does not end that right. You pay for sending the thing back unless the
seller says otherwise.

## Your account
Give your true name and address, and keep your password to yourself. We can suspend an account that harms
others; you are told why, and money due to you stays due to you.
"""

PRIVACY = f"""{NOTICE}

## What is kept
Your name, e-mail address, country, currency and language; the addresses you send things to; what you ordered
and sold; what was paid, refunded and paid out; which version of these texts you accepted, and when.

## What for
To make and fulfil the contracts you enter, to keep the accounts that the law asks for, and to prevent fraud.
Nothing is sold. There is no advertising, no tracking and no script of a third party, except the card field of
the payment processor on the page where you type your card.

## Who sees it
The shop you buy from gets your name and address, because it writes the label. The carrier and the customs of
both countries get what their form asks for. The payment processor gets the amount and what you type into its
card field; a card number never reaches this server. Members of staff see what they need to settle a dispute
or pay a seller.

## Cookies
One to keep you logged in or to keep your basket, one with your country, currency and language, one that
protects forms. None of them follows you to other sites.

## How long
Orders and accounts of money as long as tax law asks, usually ten years. Everything else until you ask for its
deletion.

## Your rights
You can ask for a copy of your data, its correction or deletion, and complain to your data protection
authority. Write to the operator.
"""

SELLER = f"""{NOTICE}

## You are the seller
You sell in your own name and at your own risk. You describe each thing truthfully: what it is, of what, where
it was made, its weight and its customs class. You ship what you sold within the handling time that you set.

## When you are paid
The buyer's payment is held until the buyer confirms the delivery, or the time to complain has passed without
a complaint. Then your part becomes payable in the currency of your shop, at the exchange rate of the day of
the purchase. You do not carry the exchange risk in between.

## What it costs
The commission on the goods, and the processor's fee as it was quoted to the buyer, are taken when your money
is released. Both stand on the fee sheet of each order, and the buyer sees the same sheet. When you never
ship, the buyer is refunded in full, and the fee that the processor keeps is owed by you.

## Refunds and chargebacks
When an order is refunded or charged back after you were paid, the amount is taken from your balance. A
missing balance is a debt that your next sales settle first.

## What must not be sold
Nothing that is forbidden where it is made, where it goes or on the way. Listings are looked at before they go
live and can be refused with a reason.

## Your taxes
Your income is yours to declare. Where the law makes the marketplace collect tax or duty from the buyer, that
money never passes through your balance.
"""


def publish(apps: Any, schema_editor: Any) -> None:
    text = apps.get_model("marketplace", "LegalText")
    for kind, body in (("terms", TERMS), ("privacy", PRIVACY), ("seller", SELLER)):
        if not text.objects.filter(kind=kind).exists():
            text.objects.create(kind=kind, version="1", body=body)


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0001_initial")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop)]
