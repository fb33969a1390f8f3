"""Coins that left are not payable again by a person's word: the chain is asked first."""

from __future__ import annotations

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Journal, Payout
from payments.processors.erc20 import Erc20
from payments.services import payout_came_back, payout_sent_by_hand
from tests.evm import Anvil
from tests.payments.test_byhand import INR, WALLET
from tests.payments.test_byhand import payout as payout
from tests.payments.test_byhand import token as token
from tests.payments.test_byhand import usdc as usdc

pytestmark = pytest.mark.django_db


def test_what_the_chain_shows_did_not_come_back(
    anvil: Anvil, usdc: Erc20, payout: Payout, finance: User, admin: User
) -> None:
    txid = anvil.pay(usdc.contract, WALLET, payout.sends.amount)
    payout_sent_by_hand(payout, by=finance, transaction_id=txid)
    before = Journal.objects.count()
    for hours in (0, 48):
        with shifted(hours=hours), pytest.raises(PayoutRefused, match=f"The chain shows {txid}: the coins left"):
            payout_came_back(payout, by=admin, problem="not arrived")
    payout.refresh_from_db()
    assert (payout.state, Journal.objects.count()) == ("sent", before)


def test_what_the_chain_forgot_is_payable_again_after_a_day(
    anvil: Anvil, usdc: Erc20, payout: Payout, finance: User, admin: User
) -> None:
    txid = anvil.pay(usdc.contract, WALLET, payout.sends.amount)
    payout_sent_by_hand(payout, by=finance, transaction_id=txid)
    anvil.forget(1)
    with shifted(hours=23), pytest.raises(PayoutRefused, match="it may be mined yet"):
        payout_came_back(payout, by=admin, problem="dropped")
    assert balance(codes.seller(payout.seller_id, "INR")) == Money(0, "INR")
    with shifted(hours=25):
        payout_came_back(payout, by=admin, problem="dropped")
    assert (Payout.objects.get().state, balance(codes.seller(payout.seller_id, "INR"))) == ("failed", INR)
    assert trial_balance() == {}
