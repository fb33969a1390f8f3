"""The people and goods of the tests."""

from __future__ import annotations

from tests.books import emptied_books as emptied_books
from tests.conftest import alice as alice
from tests.conftest import bob as bob
from tests.conftest import moderator as moderator
from tests.doubles import stripe_double as stripe_double
from tests.orders.conftest import world as world
