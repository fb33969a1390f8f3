"""Payments in coin, made without a checkout: what the tests of chains start from."""

from __future__ import annotations

import datetime as dt
import itertools

from embit import bip32, bip39
from embit.networks import NETWORKS

from fx.models import Quote, RateSet
from marketplace.lib.clock import now
from payments.models import Payment, PaymentLine
from payments.processors.bitcoin import Bitcoin
from payments.processors.coin import Coin

counter = itertools.count(1)
DEMO = {"xpub": "", "network": "regtest", "source": "demo", "url": "", "wallet": "test-watch"}


def payment(
    minor: int = 100_000,
    cents: int = 40_00,
    currency: str = "EUR",
    *,
    coin: str = "BTC",
    processor: str = "bitcoin",
) -> Payment:
    """A payment that asks for `minor` units of coin worth `cents`, in time for 15 minutes, watched for a day."""
    quote = Quote.objects.create(
        owner="user:1",
        basket="b",
        rate_set=RateSet.objects.create(),
        spread_bps=0,
        currency=currency,
        amount_minor=cents,
        pay_currency=coin,
        pay_minor=minor,
        expires_at=now() + dt.timedelta(minutes=15),
    )
    return Payment.objects.create(
        ref=f"checkout-{next(counter)}",
        processor=processor,
        quote=quote,
        currency=coin,
        amount_minor=minor,
        return_url="http://127.0.0.1:8000/",
        expires_at=quote.expires_at,
        monitor_until=quote.expires_at + dt.timedelta(days=1),
    )


def held(made: Payment) -> Payment:
    """The same, saved, with a line that says whose it will be: it can be captured."""
    made.save()
    target = {"target_currency": made.currency, "target_minor": made.amount_minor}
    ref = f"E-{made.pk.hex[:12]}"
    PaymentLine.objects.create(
        payment=made, ref=ref, component="goods", account=f"hold:{ref}", pay_minor=made.amount_minor, **target
    )
    return made


def asked(processor: Bitcoin, sat: int = 100_000, cents: int = 40_00) -> Payment:
    """The same, with its address shown to the buyer."""
    return shown(processor, payment(sat, cents))


def shown(processor: Coin, made: Payment) -> Payment:
    update = processor.create(
        f"create:{made.id}",
        made.amount,
        ref=str(made.id),
        expires_at=made.expires_at,
        return_url=made.return_url,
    )
    made.processor_ref, made.client, made.state = (
        update.ref,
        dict(update.client),
        Payment.State.ACTION,
    )
    made.save()
    return made


def account(number: int) -> bip32.HDKey:
    """One of the public test words' accounts, with its private key: the operator's side."""
    seed = bip39.mnemonic_to_seed("abandon " * 11 + "about")
    root = bip32.HDKey.from_seed(seed, version=NETWORKS["regtest"]["xprv"])
    return root.derive(f"m/84h/1h/{number}h")
