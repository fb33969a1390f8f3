"""The people and goods of the tests."""

from __future__ import annotations

from tests.conftest import alice as alice
from tests.conftest import bob as bob
from tests.conftest import moderator as moderator
from tests.orders.conftest import world as world
