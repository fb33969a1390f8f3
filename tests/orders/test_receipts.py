"""Receipts: one per paid checkout, corrected by what came back, numbered without gaps, kept as they were issued."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.models import Checkout, Order
from orders.receipts import issuing
from orders.receipts.document import write
from payments.models import Paper, PaperItem, Series
from payments.papers.issuing import issue
from tests.conftest import logged_in, make_user
from tests.doubles import StripeDouble
from tests.orders.racing import race
from tests.orders.world import World, broken, paid_order, pay_by_card, place, send_coins

pytestmark = pytest.mark.django_db


def receipts(order: Order) -> list[Paper]:
    return list(Paper.objects.filter(ref=order.checkout.public_id).order_by("version"))


def written_again(paper: Paper, language: str) -> bytes:
    return write(paper.body, number=paper.number, at=paper.issued_at, before=paper.corrects, language=language)


def write_one(ref: str) -> Paper:
    kind = Series.Kind.RECEIPT
    return issue(kind=kind, ref=ref, body={}, write=lambda number, at, before: number.encode(), says=[])


def amounts(paper: Paper) -> tuple[int, int, int]:
    paid, refunded, stays = (paper.body[name]["minor"] for name in ("paid", "refunded", "stays"))
    return paid, refunded, stays


def test_two_shops_in_one_checkout_are_one_receipt(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf, world.vase)
    assert work.issue_receipts() == 0
    pay_by_card(checkout, stripe_double)
    assert work.issue_receipts() == 1
    assert work.issue_receipts() == 0
    [paper] = Paper.objects.all()
    assert (paper.ref, paper.version, paper.seq, paper.corrects) == (checkout.public_id, 1, 1, None)
    assert paper.number == f"R-{paper.issued_at:%Y}-000001"
    assert hashlib.sha256(bytes(paper.pdf)).hexdigest() == paper.sha256
    assert amounts(paper) == (checkout.amount_minor, 0, checkout.amount_minor)
    assert bytes(paper.pdf) == written_again(paper, "en")
    said = logged_in(world.bob).get(f"/orders/{checkout.orders.all()[0].number}/receipt/").content.decode()
    for order in checkout.orders.all():
        assert order.number in said
        assert f"{order.shop.name}, {order.shop.city}" in said
    assert "not a tax invoice" in said
    assert sum(order["total"]["minor"] for order in paper.body["orders"]) == checkout.amount_minor
    for order in paper.body["orders"]:
        assert sum(fee["amount"]["minor"] for fee in order["fees"]) == order["total"]["minor"]
    assert broken() == []


def test_what_came_back_makes_a_corrected_receipt(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    work.issue_receipts()
    refund = services.refund_amount(
        order.number, by=world.alice, why="late", goods=Money(50_000, "INR"), shipping=Money(0, "INR")
    )
    assert work.issue_receipts() == 0
    work.drain_operations()
    assert work.issue_receipts() == 1
    first, second = receipts(order)
    paid = order.checkout.amount_minor
    assert amounts(first) == (paid, 0, paid)
    assert amounts(second) == (paid, refund.amount_minor, paid - refund.amount_minor)
    assert (second.version, second.corrects, second.seq) == (2, first, 2)
    page = logged_in(world.bob).get(f"/orders/{order.number}/receipt/").content.decode()
    assert f"This receipt replaces receipt {first.number}." in page
    assert bytes(second.pdf) == written_again(second, "en")
    services.refund(order.number, by=world.alice, why="all of it")
    work.drain_operations()
    work.issue_receipts()
    assert amounts(receipts(order)[-1]) == (paid, paid, 0)
    assert broken() == []


def test_the_buyer_reads_it_and_nobody_else(world: World, stripe_double: StripeDouble, charlie: User) -> None:
    order = paid_order(world, stripe_double)
    page = f"/orders/{order.number}/receipt/"
    bob, stranger = logged_in(world.bob), logged_in(charlie)
    assert "There is no receipt yet" in bob.get(page).content.decode()
    assert bob.get(f"{page[:-1]}/1.pdf").status_code == 404
    work.issue_receipts()
    [paper] = receipts(order)
    assert page in bob.get(f"/orders/{order.number}/").content.decode()
    shown = bob.get(page).content.decode()
    assert paper.number in shown
    assert f"{page}1.pdf" in shown
    document = bob.get(f"{page}1.pdf")
    assert document.content == bytes(paper.pdf)
    assert (document["Content-Type"], document["Cache-Control"]) == ("application/pdf", "private, no-store")
    guest = f"/o/{order.checkout.token}/{order.number}/receipt/"
    assert Client().get(guest).status_code == 200
    assert Client().get(f"{guest}1.pdf").content == bytes(paper.pdf)
    for other in (stranger, logged_in(world.alice)):
        assert other.get(page).status_code == 404
        assert other.get(f"{page}1.pdf").status_code == 404
    assert f"/o/{order.checkout.token}/{order.number}/receipt/" in Letter.objects.get(key__startswith="order_paid").body


def test_the_api_gives_data_and_paper(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    work.issue_receipts()
    [paper] = receipts(order)
    base = f"/api/v1/checkouts/{order.checkout.token}/orders/{order.number}/receipts/"
    [told] = Client().get(base).json()
    money = order.checkout.amount.json()
    assert (told["number"], told["version"], told["sha256"]) == (paper.number, 1, paper.sha256)
    assert (told["price"], told["paid"], told["refunded"]) == (money, money, {"amount": "0.00", "currency": "EUR"})
    assert Client().get(f"{base}1.pdf").content == bytes(paper.pdf)
    assert Client().get(f"{base}2.pdf").status_code == 404


def test_finance_looks_at_it_in_the_admin(world: World, stripe_double: StripeDouble, admin: User) -> None:
    order = paid_order(world, stripe_double)
    work.issue_receipts()
    [paper] = receipts(order)
    client = logged_in(admin)
    assert paper.number in client.get("/admin/payments/paper/").content.decode()
    assert paper.sha256 in client.get(f"/admin/payments/paper/{paper.pk}/change/").content.decode()
    assert client.get(f"/admin/payments/paper/{paper.pk}/paper.pdf").content == bytes(paper.pdf)


def test_coins_are_receipted_in_coin_and_in_the_orders_currency(world: World) -> None:
    checkout = place(world.bob, world.scarf, rail="bitcoin")
    send_coins(checkout, checkout.payment.amount_minor)
    with shifted(minutes=1):
        work.poll_chains()
        work.issue_receipts()
    [paper] = Paper.objects.all()
    assert paper.body["paid"] == {"minor": checkout.payment.amount_minor, "currency": "BTC"}
    assert paper.body["price"] == {"minor": checkout.amount_minor, "currency": "EUR"}


def test_a_receipt_is_in_the_language_of_the_checkout(world: World, stripe_double: StripeDouble) -> None:
    checkout = place(world.bob, world.scarf)
    Checkout.objects.filter(pk=checkout.pk).update(language="de")
    pay_by_card(checkout, stripe_double)
    work.issue_receipts()
    paper = Paper.objects.get()
    assert bytes(paper.pdf) == written_again(paper, "de") != written_again(paper, "en")


@pytest.mark.parametrize(
    "change",
    [
        "update payments_paper set body = '{}'",
        "update payments_paper set number = 'R-1'",
        "delete from payments_paper",
        "delete from payments_paperitem",
        "update payments_series set last = last + 2",
        "update payments_series set last = last - 1",
        "update payments_series set year = year + 1",
        "delete from payments_series",
        "insert into payments_series (kind, year, last) values ('receipt', 1999, 7)",
    ],
)
def test_the_database_keeps_what_was_issued(world: World, stripe_double: StripeDouble, change: str) -> None:
    paid_order(world, stripe_double)
    work.issue_receipts()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert broken() == []


def test_a_number_without_a_paper_is_refused_at_commit(db: None) -> None:
    write_one("c0")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update payments_series set last = last + 1")
        with pytest.raises(DatabaseError):
            cursor.execute("set constraints all immediate")
        transaction.set_rollback(True)
    assert Series.objects.get().last == 1


class Changed(Exception):
    """Somebody thought better of it."""


@pytest.mark.django_db(transaction=True)
def test_threads_and_rollbacks_leave_no_gap_and_no_double() -> None:
    def take(ref: str, gives_up: bool) -> Any:
        try:
            with transaction.atomic():
                paper = write_one(ref)
                if gives_up:
                    raise Changed
                return paper.seq
        except Changed:
            return 0

    verbs = [lambda n=n: take(f"c{n}", n % 3 == 0) for n in range(24)]
    taken = [seq for seq in race(verbs, at_once=8) if seq]
    assert sorted(taken) == list(range(1, 17))
    assert Series.objects.get().last == 16
    assert sorted(Paper.objects.values_list("seq", flat=True)) == list(range(1, 17))


@pytest.mark.django_db(transaction=True)
def test_many_who_write_the_same_receipt_write_it_once(world: World, stripe_double: StripeDouble) -> None:
    order = paid_order(world, stripe_double)
    written = race([lambda: issuing.issue(order.checkout_id)] * 6, at_once=6)
    assert len([paper for paper in written if paper is not None]) == 1
    assert Paper.objects.count() == PaperItem.objects.count() == 1


def test_nobody_who_may_not_see_payments_reads_papers(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    work.issue_receipts()
    moderator = logged_in(make_user("other-moderator@example.com", staff=True))
    paper = Paper.objects.get()
    assert moderator.get(f"/admin/payments/paper/{paper.pk}/paper.pdf").status_code == 403
