"""Somebody with the whole database rewrites the books and links the chain anew: the signed head contradicts them.

They have all but the key. Whoever kept a head, or a proof, sees it with the verifier; the nightly audit sees it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from orders import services, work
from orders.models import Order
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import ChainLink, Entry, Journal
from payments.proof import lines
from tests.doubles import StripeDouble
from tests.orders.test_proof_pages import taken, verified
from tests.orders.world import World, broken, delivered_order, pay_by_card, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(world: World, stripe_double: StripeDouble) -> list[Order]:
    """Two of Bob's, signed."""
    found = [delivered_order(world, stripe_double) for _n in range(2)]
    work.prove()
    return found


@contextmanager
def unguarded() -> Iterator[None]:
    """No trigger and no foreign key stands in the way."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set local session_replication_role = replica")
        yield
        cursor.execute("set local session_replication_role = origin")


def relink(links: list[ChainLink]) -> None:
    """The chain, as if it had been these all along."""
    ChainLink.objects.all().delete()
    before = lines.GENESIS
    for position, link in enumerate(links, 1):
        link.position, link.digest = position, lines.linked(before, link.leaf)
        before = link.digest
    ChainLink.objects.bulk_create(links)


def chain() -> list[ChainLink]:
    return list(ChainLink.objects.order_by("position"))


def leaf_of(link: ChainLink) -> str:
    journal = Journal.objects.get(pk=link.journal_id)
    entries = Entry.objects.filter(journal=journal).select_related("account").order_by("line")
    commits = [
        lines.committed(lines.salt_of(link.salt, one.line), one.account.code, one.amount, one.currency)
        for one in entries
    ]
    return lines.leaf(journal.key, journal.kind, journal.ref, lines.moment(journal.occurred_at), commits)


def capture_of(order: Order) -> Journal:
    return Journal.objects.get(key=f"capture:{order.checkout.payment_id}")


def changed(first: Order, second: Order) -> list[ChainLink]:
    """A cent less reached the seller of the first order."""
    for kind, change in (("hold:", 1), ("fx:INR", -1)):
        entry = Entry.objects.get(journal=capture_of(first), account__code__startswith=kind)
        Entry.objects.filter(pk=entry.pk).update(amount=entry.amount + change)
    links = chain()
    for link in links:
        link.leaf = leaf_of(link)
    return links


def removed(first: Order, second: Order) -> list[ChainLink]:
    """The second order was never paid."""
    gone = capture_of(second)
    Entry.objects.filter(journal=gone).delete()
    Journal.objects.filter(pk=gone.pk).delete()
    return [link for link in chain() if link.journal_id != gone.pk]


def inserted(first: Order, second: Order) -> list[ChainLink]:
    """Something was taken out before them, they say."""
    legs = [(codes.expense("loss", "EUR"), 5), (codes.fx("EUR"), -5)]
    link = ChainLink(journal_id=post("forged", "recon", "", legs), salt="00" * 16)
    link.leaf = leaf_of(link)
    return [link, *chain()]


def reordered(first: Order, second: Order) -> list[ChainLink]:
    """The second was paid before the first."""
    links = chain()
    by_journal = {link.journal_id: n for n, link in enumerate(links)}
    one, other = by_journal[capture_of(first).pk], by_journal[capture_of(second).pk]
    links[one], links[other] = links[other], links[one]
    return links


@pytest.mark.parametrize("rewrite", [changed, removed, inserted, reordered], ids=lambda one: one.__name__)
def test_books_that_were_rewritten_do_not_lead_to_the_signed_head(
    world: World, orders: list[Order], tmp_path: Path, rewrite: Callable[[Order, Order], list[ChainLink]]
) -> None:
    first, second = orders
    assert verified(taken(world.bob, first.number), tmp_path)[0] == 0
    with unguarded():
        relink(rewrite(first, second))
    code, words = verified(taken(world.bob, first.number), tmp_path)
    assert (code, words[:6]) == (1, "WRONG:")
    assert "does not lead to the head" in words
    assert [check for check in broken() if check.startswith("T")]


def test_each_order_of_one_payment_has_the_capture_in_its_proof(
    world: World, stripe_double: StripeDouble, tmp_path: Path
) -> None:
    checkout = place(world.bob, world.scarf, world.vase)
    pay_by_card(checkout, stripe_double)
    work.prove()
    for order in checkout.orders.all():
        proof = taken(order.seller, order.number)
        assert proof["journals"][0]["key"] == f"capture:{checkout.payment_id}"
        code, words = verified(proof, tmp_path)
        assert (code, f"hold:{order.number} still holds {order.held.amount} of" in words) == (0, True)


def doubled(journals: list[Any]) -> None:
    journals.insert(1, journals[0])


def swapped(journals: list[Any]) -> None:
    journals.reverse()


@pytest.mark.parametrize("change", [doubled, swapped], ids=lambda one: one.__name__)
def test_a_file_that_tells_its_journals_twice_or_in_another_order_is_refused(
    world: World, orders: list[Order], tmp_path: Path, change: Callable[[list[Any]], None]
) -> None:
    proof = taken(world.alice, orders[0].number)
    change(proof["journals"])
    code, words = verified(proof, tmp_path)
    assert (code, "is there twice, or not in its order" in words) == (1, True)


def test_a_journal_that_was_left_out_of_the_file_is_seen_by_what_is_held(
    world: World, stripe_double: StripeDouble, tmp_path: Path
) -> None:
    number = services.confirm(delivered_order(world, stripe_double).number, by=world.bob).number
    work.prove()
    proof = taken(world.alice, number)
    kinds = [journal["kind"] for journal in proof["journals"]]
    assert kinds == ["capture", "fee", "release"]
    without_release = proof | {"journals": proof["journals"][:2]}
    code, words = verified(without_release, tmp_path)
    assert code == 0
    assert f"hold:{number} still holds 259000 of its smallest unit; if not, a journal was left out." in words
    without_capture = proof | {"journals": proof["journals"][1:]}
    code, words = verified(without_capture, tmp_path)
    assert (code, words[:6]) == (1, "WRONG:")
    assert "a journal before release:" in words
