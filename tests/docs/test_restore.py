"""After a restore no address is given out a second time."""

from __future__ import annotations

import pytest

from payments.chain.addresses import DEMO_TPUB, Account
from payments.chain.book import DatabaseBook, by_value
from payments.processors.bitcoin import Bitcoin
from tests.payments.coins import payment

ACCOUNT = Account.parse(DEMO_TPUB, "regtest")
BOOK = DatabaseBook("bitcoin:regtest", ACCOUNT.address, depth=by_value)


@pytest.mark.django_db
def test_the_first_index_skips_addresses_that_a_restored_database_forgot() -> None:
    known, late, next_one = payment(), payment(), payment()
    assert BOOK.open(str(known.pk), height=1).index == 0
    restored = DatabaseBook("bitcoin:regtest", ACCOUNT.address, depth=by_value, first=500)
    assert restored.open(str(late.pk), height=2).address == ACCOUNT.address(500)
    assert restored.open(str(next_one.pk), height=2).index == 501
    assert restored.open(str(known.pk), height=2).index == 0


def test_the_setting_reaches_the_book() -> None:
    config = {"xpub": "", "network": "regtest", "source": "demo", "url": "", "wallet": "w", "first_index": 7}
    assert isinstance(book := Bitcoin(config).book, DatabaseBook)
    assert book.first == 7
