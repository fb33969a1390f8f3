"""A seller's answer in a dispute is said once: answering again must not put the decision off."""

from __future__ import annotations

import pytest

from orders import services
from orders.errors import OrderRefused
from tests.doubles import StripeDouble
from tests.orders.world import World, disputed_order

pytestmark = pytest.mark.django_db


def test_a_second_answer_is_refused_and_moves_no_deadline(world: World, stripe_double: StripeDouble) -> None:
    order = disputed_order(world, stripe_double)
    services.answer_dispute(order.number, by=world.alice, answer="It left whole.")
    order.refresh_from_db()
    due = order.due_at
    with pytest.raises(OrderRefused, match="answered already"):
        services.answer_dispute(order.number, by=world.alice, answer="And again.")
    order.refresh_from_db()
    assert order.due_at == due
    assert order.dispute.answer == "It left whole."
