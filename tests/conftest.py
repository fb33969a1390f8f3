"""People for every test: Alice sells, Bob buys, Charlie is a stranger, staff have second factors."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from marketplace.models import User
from marketplace.second_factor import enrol

# books emptied, stripe_double, node, anvil, files of ours that are checked
pytest_plugins = ("tests.books", "tests.doubles", "tests.regtest", "tests.evm", "tests.bankschema")

PASSWORD = "entrepot-demo"  # noqa: S105

ClientFor = Callable[[User], Client]


def make_user(email: str, *, country: str = "DE", currency: str = "EUR", name: str = "", staff: bool = False) -> User:
    """Somebody who signed up and confirmed the address; staff with a second factor and no rights yet."""
    user = User.objects.create_user(
        email,
        PASSWORD,
        name=name or email.split("@")[0].title(),
        country=country,
        currency=currency,
        language="en",
        is_staff=staff,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if staff:
        enrol(user)
    return user


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits and used codes are in the cache: each test has names of its own there."""
    before, cache.key_prefix = cache.key_prefix, uuid.uuid4().hex
    yield
    cache.key_prefix = before


@pytest.fixture
def alice(db: None) -> User:
    """Sells from India, prices in INR."""
    return make_user("alice@example.com", country="IN", currency="INR")


@pytest.fixture
def bob(db: None) -> User:
    """Buys from Germany, pays in EUR."""
    return make_user("bob@example.com")


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger to all."""
    return make_user("charlie@example.com", country="US", currency="USD")


@pytest.fixture
def moderator(db: None) -> User:
    return make_user("moderator@example.com", staff=True)


@pytest.fixture
def finance(db: None) -> User:
    return make_user("finance@example.com", staff=True)


@pytest.fixture
def admin(db: None) -> User:
    """A superuser."""
    user = make_user("admin@example.com", staff=True)
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])
    return user


@pytest.fixture
def client_for() -> ClientFor:
    """`client_for(bob)`: a browser of his that is logged in; of staff, with the second factor shown."""
    return logged_in


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    device = Authenticator.objects.filter(user=user).first()
    if device is not None:
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "id": device.pk}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client
