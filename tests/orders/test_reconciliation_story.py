"""Reconciliation over HTTP: a lost webhook is healed, a person closes a difference, the number and the fee move."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from orders import work
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payment, ReconItem, ReconRun, StatementLine
from tests.api.caller import by_token
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, place

pytestmark = pytest.mark.django_db


def day(hours: float, capsys: pytest.CaptureFixture[str]) -> str:
    """What an operator reads who runs it that much later: the last line."""
    with shifted(hours=hours):
        call_command("reconcile")
    return capsys.readouterr().out.splitlines()[-1]


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def processor_line(order: dict[str, Any]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [line for line in order["fee_sheet"] if line["kind"] == "processor"]
    assert len(found) == 1
    return found[0]


def summed(order: dict[str, Any]) -> Money:
    minor = sum(Money.parse(line["amount"]["amount"], "EUR").amount for line in order["fee_sheet"])
    return Money(minor, "EUR")


def test_the_record_heals_a_person_closes_and_the_number_moves(
    world: World,
    stripe_double: StripeDouble,
    admin: User,
    charlie: User,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bob, finance = by_token(world.bob), logged_in(admin)
    assert "Nothing has been reconciled yet" in seen(finance, "/admin/payments/reconrun/")
    number = place(world.bob, world.scarf).orders.get().number
    payment = Payment.objects.get()
    stripe_double.pay(payment.processor_ref)  # the webhook is lost
    work.drain_inbox()
    waiting = bob.get(f"orders/{number}/")
    assert (waiting["status"], processor_line(waiting)["certainty"]) == ("placed", "estimate")

    # The day's reconciliation finds the payment at Stripe: the order goes on, the fee is what Stripe's line says.
    assert day(1, capsys) == "100.00 % of the money is explained"
    paid = bob.get(f"orders/{number}/")
    line = StatementLine.objects.get()
    actual = processor_line(paid)
    assert (paid["status"], actual["certainty"]) == ("paid", "actual")
    assert actual["source"] == f"{line.line}, {line.at:%Y-%m-%d}"
    assert Money.parse(actual["amount"]["amount"], "EUR") == line.fee
    assert summed(paid) == Money(payment.amount_minor, "EUR")
    assert line.line in seen(logged_in(world.bob), f"/orders/{number}/")
    assert line.line in seen(logged_in(world.alice), f"/sell/orders/{number}/")
    assert bob.get("orders/")["results"][0]["fee_sheet"] == paid["fee_sheet"]

    # Somebody gives five euro back in Stripe's dashboard: that is in the record and not in the books.
    stripe_double.api("/v1/refunds", payment_intent=payment.processor_ref, amount=500)
    unexplained = day(26, capsys)
    assert unexplained.endswith(" % of the money is explained")
    assert 0 < float(unexplained.split()[0]) < 100
    item = ReconItem.objects.get()
    assert (item.kind, item.difference) == ("missing_here", Money(-500, "EUR"))
    assert item.ref in seen(finance, "/admin/payments/reconitem/")
    assert unexplained.split()[0] in seen(finance, "/admin/payments/reconrun/")

    # Nobody else may; a reason is asked for; with both, the books move by just the difference.
    close = f"/admin/payments/reconitem/{item.pk}/close/"
    before = balance(codes.clearing("stripe", "EUR"))
    assert logged_in(charlie).post(close, {"booking": "loss", "note": "Mine."}).status_code in {302, 403, 404}
    finance.post(close, {"booking": "loss", "note": ""})
    assert (ReconItem.objects.get().closed_at, balance(codes.clearing("stripe", "EUR"))) == (None, before)
    finance.post(close, {"booking": "loss", "note": "The owner promised it on the telephone."})
    assert balance(codes.clearing("stripe", "EUR")) == before - Money(500, "EUR")
    assert balance(codes.expense("loss", "EUR")) == Money(500, "EUR")
    assert "The owner promised it" in seen(finance, f"/admin/payments/reconitem/{item.pk}/change/")

    assert day(51, capsys) == "100.00 % of the money is explained"
    run = ReconRun.objects.latest("pk")
    page = seen(finance, f"/admin/payments/reconrun/{run.pk}/change/")
    assert "100.00" in page
    assert broken() == []
