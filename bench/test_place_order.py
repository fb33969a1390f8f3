"""Placing an order beside the bare SQL that it runs: what the checks and the ORM cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.side_by_side import compare
from marketplace import legal
from marketplace.models import LegalText
from orders.checkout.placing import place_order
from tests.orders.world import World, buyer, quotes

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")
SQL = (*WRITES, "SELECT")  # all but the savepoints


class _Undo(Exception):
    pass


def undone(do: Callable[[], object]) -> None:
    """Do it in a transaction that never was, so that each round finds the same rows."""
    try:
        with transaction.atomic():
            do()
            raise _Undo
    except _Undo:
        pass


def run(statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_placing_an_order(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    quote_id = str(quotes(world.bob, world.scarf, world.vase)["stripe"].quote_id)
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]

    def ours() -> None:
        undone(lambda: place_order(quote_id=quote_id, buyer=buyer(world.bob), accepted=texts))

    with CaptureQueriesContext(connection) as captured:
        ours()
    statements = [one["sql"] for one in captured.captured_queries if one["sql"].startswith(SQL)]
    writes = [statement for statement in statements if statement.startswith(WRITES)]
    plain = {
        f"its {len(statements)} statements alone": lambda: undone(lambda: run(statements)),
        f"its {len(writes)} writes alone": lambda: undone(lambda: run(writes)),
    }
    said = compare("Placing an order of two shops", ours, plain)
    with capsys.disabled():
        print(f"\n{said}")
