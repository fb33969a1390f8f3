"""Which payment has which address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from fx.models import Rate
from marketplace.lib.clock import now
from payments.chain.addresses import DEMO_TPUB, Account
from payments.chain.book import DatabaseBook, by_value, eur_cents
from payments.models import ChainAddress, Payment
from tests.payments.coins import payment

ACCOUNT = Account.parse(DEMO_TPUB, "regtest")


@pytest.fixture
def book() -> DatabaseBook:
    return DatabaseBook("bitcoin:regtest", ACCOUNT.address, depth=by_value)


@pytest.mark.django_db
def test_each_payment_gets_the_next_address_and_keeps_it(book: DatabaseBook) -> None:
    first, second = payment(), payment(minor=70_000, cents=600_00)
    a, b = book.open(str(first.pk), height=7), book.open(str(second.pk), height=8)
    assert (a.address, b.address) == (ACCOUNT.address(0), ACCOUNT.address(1))
    assert (b.due, b.confirmations, b.born_height) == (second.amount, 2, 8)
    assert book.open(str(first.pk), height=99) == a
    assert book.at([b.address, "bcrt1qunknown"]) == [b]


@pytest.mark.django_db
def test_an_unknown_payment_has_no_address(book: DatabaseBook) -> None:
    with pytest.raises(LookupError, match="no payment"):
        book.open(str(uuid4()), height=1)


@pytest.mark.django_db
def test_the_depth_is_that_of_the_value_in_euros() -> None:
    rupees = payment(cents=5_000_00, currency="INR").quote
    assert eur_cents(rupees) is None  # no rate: the deepest
    assert rupees.rate_set is not None
    Rate.objects.create(rate_set=rupees.rate_set, currency="INR", per_eur=100, source="t", as_of=now())
    assert eur_cents(rupees) == 50_00
    yen = payment(cents=8_001, currency="JPY").quote
    assert yen.rate_set is not None
    Rate.objects.create(rate_set=yen.rate_set, currency="JPY", per_eur=160, source="t", as_of=now())
    assert eur_cents(yen) == 50_01  # 50.00625, rounded up


@pytest.mark.django_db(transaction=True)
def test_twenty_payments_at_once_get_twenty_addresses(book: DatabaseBook) -> None:
    payments = [payment() for _ in range(20)]

    def give(one: Payment) -> str:
        try:
            return book.open(str(one.pk), height=1).address
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        addresses = list(pool.map(give, payments * 2))
    assert addresses[:20] == addresses[20:]
    assert set(addresses) == {ACCOUNT.address(index) for index in range(20)}
    assert ChainAddress.objects.count() == 20
