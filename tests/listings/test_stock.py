"""Stock is the sum of its moves, whoever competes for it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Sum

from listings import services
from listings.errors import ListingError, ReservationEnded, SoldOut
from listings.models import Listing, Reservation, StockMove
from marketplace.lib.clock import now
from marketplace.models import User

Live = Callable[..., Listing]


def soon() -> dt.datetime:
    return now() + dt.timedelta(minutes=10)


def stock(listing: Listing) -> int:
    """What is in stock; checks that it is the sum of the moves."""
    left = Listing.objects.get(pk=listing.pk).stock
    assert left == (listing.stock_moves.aggregate(all=Sum("delta"))["all"] or 0)
    return left


def test_a_reservation_takes_pieces_out_and_putting_back_returns_them(live: Live) -> None:
    scarf = live(stock=5)
    one = services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon())
    assert (one.state, stock(scarf)) == (Reservation.State.HELD, 3)
    assert [back.pk for back in services.put_back("E-1")] == [one.pk]
    assert stock(scarf) == 5
    assert services.put_back("E-1") == []
    assert stock(scarf) == 5


def test_reserving_twice_for_one_order_takes_once(live: Live) -> None:
    scarf = live(stock=5)
    first = services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon())
    assert services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon()) == first
    assert stock(scarf) == 3
    with pytest.raises(ReservationEnded):
        services.reserve(scarf.pk, quantity=3, ref="E-1", expires_at=soon())
    assert stock(scarf) == 3


def test_a_paid_order_keeps_its_pieces(live: Live) -> None:
    scarf = live(stock=5)
    services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon())
    services.claim("E-1")
    services.claim("E-1")
    assert services.put_back("E-1") == []
    assert stock(scarf) == 3


def test_pieces_that_went_back_cannot_be_claimed(live: Live) -> None:
    scarf = live(stock=5)
    services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon())
    services.put_back("E-1")
    with pytest.raises(ReservationEnded):
        services.claim("E-1")
    with pytest.raises(ReservationEnded):
        services.reserve(scarf.pk, quantity=2, ref="E-1", expires_at=soon())
    assert stock(scarf) == 5


def test_asking_for_more_than_there_is_says_how_many_are_left(live: Live) -> None:
    scarf = live(stock=2)
    with pytest.raises(SoldOut, match="Only 2 of “Block-printed scarf” left; you want 3"):
        services.reserve(scarf.pk, quantity=3, ref="E-1", expires_at=soon())
    assert stock(scarf) == 2
    assert not Reservation.objects.exists()


def test_a_withdrawn_listing_cannot_be_reserved(live: Live) -> None:
    scarf = live(stock=2)
    services.withdraw_listing(scarf, by=scarf.shop.owner)
    with pytest.raises(SoldOut, match="not for sale any more"):
        services.reserve(scarf.pk, quantity=1, ref="E-1", expires_at=soon())
    assert stock(scarf) == 2


def test_a_suspended_shop_sells_nothing(live: Live, moderator: User) -> None:
    scarf = live(stock=2)
    services.suspend_shop(scarf.shop, by=moderator)
    with pytest.raises(SoldOut, match="not for sale any more"):
        services.reserve(scarf.pk, quantity=1, ref="E-1", expires_at=soon())
    assert stock(scarf) == 2


@pytest.mark.parametrize("wrong", [-1, 100_001, 10**30])
def test_a_count_that_cannot_be_is_refused(live: Live, wrong: int) -> None:
    scarf = live(stock=2)
    with pytest.raises(ListingError):
        services.set_stock(scarf, stock=wrong, by=scarf.shop.owner)
    assert stock(scarf) == 2


def test_counting_leaves_a_move_with_a_name(live: Live) -> None:
    scarf = live(stock=2)
    services.set_stock(scarf, stock=7, by=scarf.shop.owner)
    services.set_stock(scarf, stock=7, by=scarf.shop.owner)
    moves = scarf.stock_moves.order_by("pk").values_list("delta", "reason")
    assert list(moves) == [(2, StockMove.Reason.INITIAL), (5, StockMove.Reason.RESTOCK)]
    assert stock(scarf) == 7


@pytest.mark.django_db(transaction=True)
def test_the_last_piece_is_sold_once_to_fifty(live: Live) -> None:
    scarf = live(stock=1)
    start = threading.Event()

    def buy(number: int) -> str:
        start.wait(10)
        try:
            services.reserve(scarf.pk, quantity=1, ref=f"E-{number}", expires_at=soon())
        except SoldOut:
            return "sold out"
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(20) as buyers:  # 20 connections at a time: the server has few
        outcomes = [buyers.submit(buy, number) for number in range(50)]
        start.set()
        results = [outcome.result(60) for outcome in outcomes]
    assert (results.count("won"), results.count("sold out")) == (1, 49)
    assert stock(scarf) == 0
    assert Reservation.objects.count() == 1
