"""The audit finds nothing in a world that people and processors made, however busy it was."""

from __future__ import annotations

import pytest

from payments.models import Payment, Payout, Refund
from tests.audit.clean import statuses
from tests.orders.world import World, broken

pytestmark = pytest.mark.django_db


def test_the_world_has_something_of_everything(clean_world: World) -> None:
    empty = [status for status, count in statuses().items() if not count]
    assert empty == []
    assert {refund.state for refund in Refund.objects.all()} == {"succeeded", "failed", "needs_address"}
    assert {payout.state for payout in Payout.objects.all()} == {"paid", "canceled"}
    states = {payment.state for payment in Payment.objects.all()}
    assert states >= {Payment.State.CAPTURED, Payment.State.CANCELED, Payment.State.LATE}


def test_every_check_finds_nothing_in_it(clean_world: World) -> None:
    assert broken() == []
