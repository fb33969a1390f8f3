"""Withdrawing, sending back, canceling, parcels and addresses over the API, JSON only, by account and by token."""

from __future__ import annotations

from typing import Any

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.models import Order, Return
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Refund
from tests.api.caller import Caller, by_token, name_of
from tests.doubles import StripeDouble
from tests.orders.test_returns import TO, back_at_stripe
from tests.orders.world import BERLIN, World, broken, delivered_order, paid_order, shipped_order

pytestmark = pytest.mark.django_db
RECEIPT = {"carrier": "DHL", "tracking_number": "rr 123 456"}


def lines(order: Order) -> list[dict[str, int]]:
    return [{"line": line.pk, "quantity": line.quantity} for line in order.lines.order_by("pk")]


def statement(order: Order) -> dict[str, Any]:
    return {"pieces": lines(order), "name": "Bob Becker"}


def euros(order: Order) -> dict[str, str]:
    return order.buyer_total.json()


def test_a_withdrawal_says_first_what_comes_back_and_then_brings_it(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    order = delivered_order(world, stripe_double)
    buys, sells = f"orders/{order.number}/", f"sales/{order.number}/"
    free = as_bob.get(f"{buys}withdrawal/")
    assert [one["title"] for one in free["pieces"]] == ["Indigo and madder scarf"]
    assert (free["excepted"], free["until"]) == ([], as_bob.get(buys)["withdraw_until"])
    brings = as_bob.post(f"{buys}withdrawal/preview/", {"pieces": lines(order)})
    assert (brings["back"], brings["at_once"], brings["days_to_send"]) == (euros(order), False, 14)
    assert (Return.objects.count(), Refund.objects.count()) == (0, 0)

    done = as_bob.post(f"{buys}withdrawal/", statement(order), key="once")
    again = as_bob.post(f"{buys}withdrawal/", statement(order), key="once")
    assert done == again
    [back] = done["returns"]
    assert (back["kind"], back["state"], back["pieces"][0]["quantity"]) == ("withdrawal", "asked", 1)
    assert done["next"] == {
        "who": "Seller",
        "what": "Say where to send it.",
        "otherwise": "The buyer is refunded and keeps it.",
        "due_at": back["due_at"],
    }
    assert back["due_at"][:16] == brings["address_by"][:16]
    assert done["can"] == ["keep"]
    assert Letter.objects.filter(key__startswith="withdrawal_receipt:", to="bob@example.com").count() == 1

    assert as_alice.get(sells)["can"] == ["authorize", "parcel", "refund"]
    refused = as_alice.post(f"{sells}return/refuse/", {"why": "No."}, 409)
    assert "A withdrawal is the buyer's right" in refused["detail"]
    as_alice.post(f"{sells}return/authorize/", {"send_to": TO})
    [told] = as_bob.get(buys)["returns"]
    assert (told["state"], told["send_to"], told["payer"]) == ("authorized", TO, "buyer")
    sent = as_bob.post(f"{buys}return/sent/", RECEIPT)["returns"][0]
    assert (sent["state"], sent["tracking_number"]) == ("sent", "RR123456")
    ended = as_alice.post(f"{sells}return/received/", {"restocked": True})
    assert (ended["status"], ended["returns"][0]["state"], ended["can"]) == ("refunded", "refunded", [])
    work.drain_operations()
    assert back_at_stripe(stripe_double) == order.buyer_minor
    assert broken() == []


def test_before_it_is_shipped_a_withdrawal_brings_everything_at_once(
    world: World, stripe_double: StripeDouble, as_bob: Caller
) -> None:
    order = paid_order(world, stripe_double)
    assert as_bob.get(f"orders/{order.number}/withdrawal/")["until"] is None
    brings = as_bob.post(f"orders/{order.number}/withdrawal/preview/", {"pieces": lines(order)})
    assert (brings["back"], brings["at_once"], brings["address_by"]) == (euros(order), True, None)
    done = as_bob.post(f"orders/{order.number}/withdrawal/", statement(order))
    assert (done["status"], done["returns"], done["refunded"]) == ("refunded", [], Money(259_000, "INR").json())
    again = as_bob.post(f"orders/{order.number}/withdrawal/", statement(order), 409)
    assert name_of(again) == "wrong_state"
    assert "is “Refunded”" in again["detail"]
    assert Refund.objects.count() == 1


def test_a_guest_withdraws_by_token_and_another_orders_token_opens_nothing(
    world: World, stripe_double: StripeDouble
) -> None:
    mine, other = delivered_order(world, stripe_double), delivered_order(world, stripe_double)
    anywhere = Caller()
    path = f"checkouts/{mine.checkout.token}/orders/{mine.number}/"
    for wrong in (f"checkouts/{other.checkout.token}/orders/{mine.number}/", f"orders/{mine.number}/"):
        status = 404 if "checkouts" in wrong else 401
        anywhere.get(f"{wrong}withdrawal/", status=status)
        for action, body in (
            ("withdrawal/preview/", {"pieces": lines(mine)}),
            ("withdrawal/", statement(mine)),
            ("returns/", {"pieces": lines(mine), "reason": "x"}),
            ("return/sent/", RECEIPT),
            ("return/keep/", {}),
            ("cancel/", {}),
            ("address/", BERLIN),
        ):
            anywhere.post(wrong + action, body, status)
    assert (Return.objects.count(), Refund.objects.count(), Letter.objects.filter(key__contains="return").count()) == (
        0, 0, 0,
    )  # fmt: skip
    assert anywhere.post(f"{path}withdrawal/preview/", {"pieces": lines(mine)})["back"] == euros(mine)
    assert anywhere.post(f"{path}withdrawal/", statement(mine))["returns"][0]["kind"] == "withdrawal"
    assert anywhere.post(f"{path}return/keep/")["returns"][0]["state"] == "lapsed"


def test_a_return_by_agreement_is_asked_for_refused_asked_again_contested_and_decided(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    order = delivered_order(world, stripe_double)
    buys, sells = f"orders/{order.number}/", f"sales/{order.number}/"
    body = {"pieces": lines(order), "reason": "The wrong blue."}
    asked = as_bob.post(f"{buys}returns/", body)
    assert asked["next"]["otherwise"] == "The return is refused."
    assert as_alice.get(sells)["returns"][0]["reason"] == "The wrong blue."
    refused = as_alice.post(f"{sells}return/refuse/", {"why": "It was cut to size."})
    assert (refused["returns"][0]["state"], refused["returns"][0]["answer"]) == ("refused", "It was cut to size.")
    as_bob.post(f"{buys}returns/", body)
    early = as_alice.post(f"{sells}return/contest/", {"why": "Worn."}, 409)
    assert early["detail"] == "This return is “Waiting for the seller”, so this cannot be done any more."
    as_alice.post(f"{sells}return/authorize/", {"send_to": TO, "payer": "seller"})
    as_bob.post(f"{buys}return/sent/", RECEIPT)
    contested = as_alice.post(f"{sells}return/contest/", {"why": "It was worn."})
    assert (contested["next"]["who"], contested["next"]["otherwise"]) == ("Moderator", "The buyer is refunded.")
    with shifted(days=7, seconds=5):
        work.meet_returns()
    ended = as_bob.get(buys)
    assert (ended["status"], ended["returns"][0]["state"]) == ("refunded", "refunded")  # the seller pays the way back
    assert broken() == []


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ([(0, 2)], "Of “Indigo and madder scarf” 1 can be given back, not 2."),
        ([(99, 1)], "has no such line"),
    ],
)
def test_more_than_was_bought_or_another_line_is_refused(
    world: World, stripe_double: StripeDouble, as_bob: Caller, pieces: list[tuple[int, int]], says: str
) -> None:
    order = delivered_order(world, stripe_double)
    first = order.lines.get().pk
    body = {"pieces": [{"line": first + step, "quantity": count} for step, count in pieces]}
    for path, more in (("withdrawal/preview/", {}), ("withdrawal/", {"name": "Bob"}), ("returns/", {"reason": "x"})):
        assert says in as_bob.post(f"orders/{order.number}/{path}", body | more, 409)["detail"]
    assert (Return.objects.count(), Refund.objects.count()) == (0, 0)
    assert not Letter.objects.filter(key__startswith="withdrawal_receipt").exists()


def test_a_line_that_is_named_twice_is_not_counted_once(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    order = delivered_order(world, stripe_double)
    twice = lines(order) * 2
    wrong = as_bob.post(f"orders/{order.number}/withdrawal/", {"pieces": twice, "name": "Bob"}, 400)
    assert "named twice" in wrong["errors"]["pieces"][0]
    as_alice.post(f"sales/{order.number}/refund/", {"pieces": twice, "why": "x"}, 400)
    assert (Return.objects.count(), Refund.objects.count()) == (0, 0)


def test_either_side_cancels_before_it_is_shipped(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    mine, hers = paid_order(world, stripe_double), paid_order(world, stripe_double)
    assert "cancel" in as_bob.get(f"orders/{mine.number}/")["can"]
    assert as_bob.post(f"orders/{mine.number}/cancel/")["status"] == "refunded"
    assert balance(codes.seller_debt(world.alice.pk, "INR")).amount == 0
    blank = as_alice.post(f"sales/{hers.number}/cancel/", {"why": " "}, 400)
    assert "why" in blank["errors"]
    done = as_alice.post(f"sales/{hers.number}/cancel/", {"why": "The loom broke.", "restocked": True})
    assert done["status"] == "refunded"
    work.drain_operations()
    debts = as_alice.get("balance/")["debts"]
    assert [one["why"] for one in debts] == ["What the card network keeps of an order that was never shipped"]
    assert back_at_stripe(stripe_double) == mine.buyer_minor + hers.buyer_minor
    assert broken() == []


def test_another_address_is_asked_for_answered_and_too_late_after_shipping(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    order = paid_order(world, stripe_double)
    buys, sells = f"orders/{order.number}/", f"sales/{order.number}/"
    elsewhere = BERLIN | {"street_address": "Lindenweg 3"}
    abroad = BERLIN | {"country_code": "FR", "postal_code": "75001", "city": "Paris"}
    assert "another country" in as_bob.post(f"{buys}address/", abroad, 409)["detail"]
    asked = as_bob.post(f"{buys}address/", elsewhere)
    assert asked["asked_address"]["street_address"] == "Lindenweg 3"
    assert "address" in as_alice.get(sells)["can"]
    agreed = as_alice.post(f"{sells}address/", {"accept": True})
    assert (agreed["address"]["street_address"], agreed["asked_address"]) == ("Lindenweg 3", None)
    as_bob.post(f"{buys}address/", BERLIN)
    as_alice.post(f"{sells}ship/", {"carrier": "India Post", "tracking_number": "EE123456785IN"})
    late = as_bob.post(f"{buys}address/", BERLIN, 409)
    assert "is “Shipped”, so this cannot be done any more" in late["detail"]
    assert "Nobody asks" in as_alice.post(f"{sells}address/", {"accept": True}, 409)["detail"]
    assert as_alice.get(sells)["address"]["street_address"] == "Lindenweg 3"


def test_an_order_goes_in_several_parcels_and_comes_back(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller
) -> None:
    order = shipped_order(world, stripe_double)
    sells = f"sales/{order.number}/"
    parcel = {"carrier": "India Post", "tracking_number": "EE987654326IN"}
    assert len(as_alice.post(f"{sells}parcels/", parcel)["parcels"]) == 2
    twice = as_alice.post(f"{sells}parcels/", parcel, 409)
    assert "EE987654326IN is the number of a parcel that you named before" in twice["detail"]
    none = as_alice.post(f"{sells}parcels/", {"carrier": "India Post"}, 409)
    assert "Give the tracking number" in none["detail"]
    back = as_alice.post(f"{sells}came-back/", {"why": "Nobody there.", "keep_shipping": True})
    assert (back["status"], back["refunded"]) == ("split", Money(190_000, "INR").json())
    assert as_bob.get(f"orders/{order.number}/")["status"] == "split"
    assert broken() == []


def test_money_as_data_and_what_stands_in_the_way_of_closing(
    world: World, stripe_double: StripeDouble, as_bob: Caller, as_alice: Caller, charlie: User
) -> None:
    held = paid_order(world, stripe_double)
    done = services.confirm(delivered_order(world, stripe_double).number, by=world.bob)
    services.refund_amount(
        done.number, by=world.alice, why="A spot.", goods=Money(1_000, "INR"), shipping=Money(0, "INR")
    )
    work.drain_operations()
    money = as_alice.get("balance/")
    sums = {one["name"]: one["amount"] for one in money["sums"]}
    debt = Money(990, "INR")  # less the commission that is given up
    assert sums["held"] == held.held.json()
    assert sums["debt"] == debt.json()
    assert [(one["why"], one["amount"], one["order"]) for one in money["debts"]] == [
        ("Given back to the buyer after you had been paid", debt.json(), done.number)
    ]
    assert [(one["order"], one["due_at"] is not None) for one in money["held_orders"]] == [(held.number, True)]
    closing = as_alice.get("account/closing/")
    assert closing["can_close"] is False
    assert "1 of your sales are not finished." in closing["obstacles"]
    assert f"You owe {debt}. Pay it to us, or sell until it is paid." in closing["obstacles"]
    assert closing["page"].endswith("/account/close/")
    assert as_bob.get("account/closing/")["can_close"] is False
    assert by_token(charlie).get("account/closing/") == {
        "can_close": True, "obstacles": [], "page": closing["page"],
    }  # fmt: skip
