"""The shelf with every price at the visitor's door, beside a page of one query."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.side_by_side import compare
from bench.urls import SHELF
from tests.orders.world import World, make_listing

pytestmark = [pytest.mark.django_db, pytest.mark.urls("bench.urls")]


def test_browsing(world: World, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(SHELF):
        make_listing(world.scarf.shop, world.moderator, f"Scarf {number}", f"{900 + number}", "621490", 120)

    def page(path: str) -> None:
        assert client.get(path).status_code == 200

    asked = {}
    for path in ("/browse/", "/plain/"):
        page(path)
        with CaptureQueriesContext(connection) as captured:
            page(path)
        asked[path] = len(captured)
    plain = {f"a page of {asked['/plain/']} query": lambda: page("/plain/")}
    said = compare(f"Browsing ({asked['/browse/']} queries)", lambda: page("/browse/"), plain)
    with capsys.disabled():
        print(f"\n{said}")
