"""One sheet: as quoted, on the order, in the payout and over the API, the same for buyer and seller."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

from fx.format import format_money
from fx.money import Money
from marketplace.lib.clock import shifted
from orders import services
from orders.checkout.actualfees import sheet_of
from orders.following import follow
from orders.models import Order
from payments.ledger import codes
from payments.ledger.posting import post
from payments.payouts.life import request_payout
from payments.reconciliation.run import reconcile
from tests.api.caller import by_token
from tests.conftest import ClientFor
from tests.doubles import StripeDouble
from tests.orders.world import World, delivered_order
from tests.payments.test_payouts import method

pytestmark = pytest.mark.django_db
SAYS = {"kind", "taker", "why", "amount", "seller_amount", "bps", "certainty", "source"}


def told(order: Order) -> list[dict[str, Any]]:
    """The sheet as the API writes it."""
    lines = sheet_of(Order.objects.get(pk=order.pk)).lines
    return [
        {name: getattr(line, name) for name in SAYS - {"amount", "seller_amount"}}
        | {
            "amount": line.amount.json(),
            "seller_amount": None if line.seller_amount is None else line.seller_amount.json(),
        }
        for line in lines
    ]


def give_rebate(order: Order, minor: int, *, kind: str = "rebate") -> None:
    """As a live window books it."""
    account = codes.seller(order.seller.pk, order.currency)
    money = Money(minor, order.currency)
    post(
        f"{kind}:{order.number}",
        kind,
        order.number,
        [(codes.expense("rebate", order.currency), money.amount), (account, -money.amount)],
    )


def bills(page: str) -> Sequence[str]:
    """Each bill's table of a page, without its words for screen readers."""
    return [part.split("</table>")[0].split("<tbody>")[1] for part in page.split('<table class="bill">')[1:]]


def rows(bill: str) -> list[str]:
    return bill.split("<tr")[1:]


def test_buyer_and_seller_read_the_same_sheet_everywhere(
    world: World, stripe_double: StripeDouble, client_for: ClientFor
) -> None:
    method(world.alice, "INR")
    order = delivered_order(world, stripe_double)
    quoted = told(order)
    snapshot = order.checkout.quote.basket_snapshot.parcels[0]["fee_sheet"]
    assert [line["minor"] for line in snapshot] == [line.minor for line in sheet_of(order).lines]
    services.confirm(order.number, by=world.bob)
    give_rebate(order, 123)
    with shifted(hours=2):
        reconcile("stripe", follow=follow)
    bob, alice = by_token(world.bob), by_token(world.alice)
    sheet = told(order)
    assert sheet != quoted
    assert {line["kind"] for line in sheet} >= {"seller", "carrier", "exchange", "platform", "processor", "rebate"}
    assert all(set(line) == SAYS for line in sheet)
    assert bob.get(f"orders/{order.number}/")["fee_sheet"] == sheet
    assert alice.get(f"sales/{order.number}/")["fee_sheet"] == sheet
    bought = client_for(world.bob).get(f"/orders/{order.number}/").content.decode()
    sold = client_for(world.alice).get(f"/sell/orders/{order.number}/").content.decode()
    assert bills(bought)[0] == bills(sold)[0]
    assert "what matching opposite exchanges saved" in bills(sold)[0]
    payout = request_payout(seller=world.alice, currency="INR", by=world.alice)
    assert alice.get(f"payouts/{payout.pk}/")["orders"][0]["fee_sheet"] == sheet
    paid = client_for(world.alice).get(f"/sell/money/payout/{payout.pk}/").content.decode()
    assert rows(bills(paid)[0])[:-1] == rows(bills(sold)[0])[:-1]  # the sum is called otherwise


def says_all(bill: str, order: Order) -> None:
    """Each line has its taker, both moneys, its part of the order, how sure it is, and where it stands."""
    lines = sheet_of(Order.objects.get(pk=order.pk)).lines
    told = rows(bill)
    assert len(told) == len(lines) + 1  # and their sum
    for line, row in zip(lines, told, strict=False):
        text = unescape(" ".join(re.sub(r"<[^>]+>", " ", row).split())).replace("\xa0", " ")
        assert row.startswith(f' class="{line.certainty}"'), row
        assert line.taker in text
        assert format_money(line.amount, "en").replace("\xa0", " ") in text
        if line.seller_amount:
            assert f"= {format_money(line.seller_amount, 'en')}".replace("\xa0", " ") in text
        assert f"{line.bps} bps" in text
        assert not line.source or line.source in text


def test_every_line_says_who_how_much_in_both_moneys_how_sure_and_by_what_source(
    world: World, stripe_double: StripeDouble, client_for: ClientFor
) -> None:
    order = delivered_order(world, stripe_double)
    for user, page in ((world.bob, f"/orders/{order.number}/"), (world.alice, f"/sell/orders/{order.number}/")):
        shown = bills(client_for(user).get(page).content.decode())[0]
        says_all(shown, order)
        assert 'class="estimate"' in shown
    services.confirm(order.number, by=world.bob)
    give_rebate(order, 123)
    with shifted(hours=2):
        reconcile("stripe", follow=follow)
    shown = bills(client_for(world.bob).get(f"/orders/{order.number}/").content.decode())[0]
    says_all(shown, order)
    assert 'class="actual"' in shown


def test_a_rebate_is_taken_off_the_exchange_in_both_moneys(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    before = {line.kind: line for line in sheet_of(order).lines}
    give_rebate(order, 200)
    after = {line.kind: line for line in sheet_of(order).lines}
    assert (after["rebate"].seller_amount, after["rebate"].taker) == (Money(200, "INR"), "Chaya Prints")
    assert after["rebate"].minor == 200 * order.buyer_minor // sum(line.seller_minor or 0 for line in before.values())
    for money in ("minor", "seller_minor"):
        assert getattr(after["exchange"], money) == getattr(before["exchange"], money) - getattr(after["rebate"], money)
    assert sheet_of(order).total == order.buyer_total


def test_a_rebate_that_ended_is_not_on_the_sheet(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    before = sheet_of(order)
    give_rebate(order, 200)
    give_rebate(order, -200, kind="rebate_ended")
    assert sheet_of(order) == before
