"""The schema is right: it validates, and whatever is generated from it, by any caller, is answered as it says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from marketplace.api.docs import schema
from marketplace.wsgi import application
from orders.disputes import messages
from orders.models import Message
from orders.receipts.body import kept
from orders.receipts.issuing import RECEIPT
from payments.papers.issuing import issue
from tests.api.caller import ROOT, by_token
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.world import make_world, paid_order

EXAMPLES = 4  # of the random kind, per operation and caller, after those that cover each constraint
CALLERS = ("nobody", "buyer", "seller")

api = schemathesis.openapi.from_dict(schema())
api.app = application
api.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
api.config.phases.coverage.unexpected_methods = {"DELETE"}


@dataclass(frozen=True)
class Market:
    """A paid order of Bob's at Alice's, and what callers send with a request."""

    headers: dict[str, dict[str, str]]
    known: dict[str, Any]


@pytest.fixture(scope="module")
def market(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Market]:
    """One for the whole module: making it takes longer than a hundred calls."""
    double = StripeDouble()
    processors = {**django_settings.PROCESSORS, "stripe": double.config}
    with django_db_blocker.unblock(), undone(), override_settings(PROCESSORS=processors):
        yield make_market(double)
    double.stop()


@contextmanager
def undone() -> Iterator[None]:
    """One transaction, which the end of a request does not close, as Django's own test client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def make_market(double: StripeDouble) -> Market:
    alice = make_user("alice@example.com", country="IN", currency="INR")
    bob, moderator = make_user("bob@example.com"), make_user("moderator@example.com", staff=True)
    world = make_world(alice, bob, moderator)
    order = paid_order(world, double)
    shot = messages.Shot(1, 1, b"RIFF")
    said = messages.say(order, role=Message.Role.BUYER, by=bob, text="See here.", shots=[shot])
    known = {"number": order.number, "token": order.checkout.token, "slug": world.scarf.slug, "id": world.scarf.pk}
    known["currency"], known["picture"] = "INR", str(said.pictures.get().pk)
    sums = dict.fromkeys(("price", "paid", "refunded"), kept(order.buyer_total))
    receipt = issue(kind=RECEIPT, ref=order.checkout.public_id, body=sums, write=lambda *_: b"%PDF-1.4", says=[])
    known["paper"] = "I-2026-000001"  # nobody's
    known["country"], known["version"] = "IN", receipt.version
    known["parcel"], known["kind"] = "1", "cn22"
    headers = {"nobody": {}, "buyer": by_token(bob).headers, "seller": by_token(alice).headers}
    return Market(headers, known)


@pytest.mark.django_db  # a savepoint inside the market's transaction
@pytest.mark.parametrize("caller", CALLERS)
@api.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_the_schema_allows_or_not_is_answered_as_it_says(case: Case[Any], caller: str, market: Market) -> None:
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
        case.path_parameters.update({name: market.known[name] for name in case.path_parameters})
    case.call_and_validate(headers=market.headers[caller], excluded_checks=[positive_data_acceptance])


def test_the_schema_is_valid_and_complete() -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", "/dev/null")


def test_every_operation_has_words_and_says_what_it_takes() -> None:
    for path, methods in schema()["paths"].items():
        assert path.startswith(ROOT)
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            keyed = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
            assert keyed == (method != "get"), (method, path)
