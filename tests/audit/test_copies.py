"""Copied orders are as services would have written them: the audit holds on them, and each names only itself."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from marketplace.seeding.copies import multiply
from marketplace.seeding.copies.rows import TIED, copied
from orders.models import Order
from payments.models import Journal
from tests.audit.clean import statuses
from tests.orders.world import World, broken, place

pytestmark = pytest.mark.django_db
TIMES = 3
Counts = dict[str, int]
# Quotes that nobody used are not copied; this says of each table whether its quote was.
USED = {"Quote": "used_at", "QuoteLine": "quote__used_at", "QuotedBasket": "quote__used_at"}


def rows() -> Counts:
    tied = [apps.get_model(label) for label in TIED]
    return {model.__name__: _count(model) for model in copied() if model not in tied}


def _count(model: type[models.Model]) -> int:
    used = USED.get(model.__name__)
    return model._default_manager.filter(**{f"{used}__isnull": False} if used else {}).count()


def journals() -> int:
    """Those that are about orders: a bank's and a processor's own record is there once."""
    own = (
        "recon",
        "converted",
        "statement_fee",
        "commission_tax",
        "commission_tax_back",
        "drawing",
        "drawing_taken",
        "drawing_back",
    )
    return Journal.objects.exclude(kind__in=own).exclude(kind__startswith="bank_").count()


@pytest.fixture
def before(clean_world: World) -> tuple[Counts, Counts, int]:
    """Rows by table, orders by status and journals, before they were copied."""
    there = rows(), statuses(), journals()
    multiply(TIMES, say=lambda _text: None)
    return there


def test_the_audit_holds_on_them(before: object) -> None:
    assert broken() == []


def test_there_are_so_many_of_everything(before: tuple[Counts, Counts, int]) -> None:
    were, lives, posted = before
    assert rows() == {name: count * TIMES for name, count in were.items()}
    assert statuses() == {status: count * TIMES for status, count in lives.items()}
    assert journals() == posted * TIMES


def test_a_copy_says_in_its_snapshot_and_its_letters_its_own_number(before: object) -> None:
    copy = Order.objects.order_by("-pk")[0]
    assert {copy.number} <= {parcel["number"] for parcel in copy.checkout.quote.basket_snapshot.parcels}
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from orders_order o where not exists (select 1 from marketplace_letter l"
            " where l.key like '%%' || o.number || '%%') and o.status <> 'placed'"
        )
        assert cursor.fetchone() == (0,)


def test_the_marketplace_goes_on_after_them(clean_world: World, before: object) -> None:
    last = Order.objects.order_by("-pk")[0].pk
    assert place(clean_world.bob, clean_world.vase).orders.get().pk == last + 1
    assert broken() == []
