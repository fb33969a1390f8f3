from __future__ import annotations

import pytest

from marketplace.models import User
from tests.doubles import StripeDouble
from tests.doubles import stripe_double as stripe_double
from tests.orders.world import World, make_world


@pytest.fixture
def world(alice: User, bob: User, moderator: User) -> World:
    return make_world(alice, bob, moderator)


@pytest.fixture
def shop_world(world: World, stripe_double: StripeDouble) -> tuple[World, StripeDouble]:
    return world, stripe_double
