"""One key, one effect: replays, mistakes, calls that died, calls at the same time."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from listings.models import StockMove
from marketplace.lib.clock import shifted
from marketplace.models import IdempotentCall
from marketplace.rest import idempotency
from orders.models import Cart, CartLine
from payments.models import Payout
from tests.api.caller import Caller, by_token, name_of
from tests.orders.world import World, make_world

pytestmark = pytest.mark.django_db


def body_of(world: World, quantity: int = 1) -> dict[str, int]:
    return {"listing": world.scarf.pk, "quantity": quantity}


def test_a_repeated_call_gets_the_first_answer_and_changes_nothing(world: World, as_bob: Caller) -> None:
    quotes = {"country": "DE", "currency": "EUR"}
    as_bob.put("basket/", body_of(world))
    first = as_bob.post("quotes/", quotes, 201, key="a")
    answer = as_bob.send("POST", "quotes/", quotes, key="a")
    assert (answer.status_code, answer["Idempotent-Replayed"]) == (201, "true")
    assert answer.json() == first
    assert as_bob.post("quotes/", quotes, 201, key="b") != first


def test_the_order_of_keys_in_a_body_does_not_matter(world: World, as_bob: Caller) -> None:
    body = body_of(world)
    as_bob.put("basket/", body, key="a")
    again = as_bob.send("PUT", "basket/", dict(reversed(body.items())), key="a")
    assert again["Idempotent-Replayed"] == "true"


def test_a_key_with_another_body_or_another_address_is_refused(world: World, as_bob: Caller) -> None:
    as_bob.put("basket/", body_of(world), key="a")
    assert name_of(as_bob.put("basket/", body_of(world, 2), 422, key="a")) == "idempotency_key_reused"
    as_bob.post("quotes/", {"country": "DE", "currency": "EUR"}, 422, key="a")
    assert CartLine.objects.get().quantity == 1


def test_a_refused_call_is_remembered_too(world: World, as_bob: Caller) -> None:
    refused = as_bob.put("basket/", body_of(world, 90), 409, key="a")
    world.scarf.stock = 99
    world.scarf.save(update_fields=["stock"])
    assert as_bob.put("basket/", body_of(world, 90), 409, key="a") == refused
    as_bob.put("basket/", body_of(world, 90), key="b")


@pytest.mark.parametrize("key", ["", " ", "ü", "a\tb", "x" * 256])
def test_a_call_without_a_usable_key_changes_nothing(world: World, as_bob: Caller, key: str) -> None:
    headers = {**as_bob.headers, "Idempotency-Key": key} if key.strip() else as_bob.headers
    answer = as_bob.client.put("/api/v1/basket/", body_of(world), content_type="application/json", headers=headers)
    assert (answer.status_code, name_of(answer.json())) == (400, "idempotency_key_missing")
    assert not Cart.objects.exists()


def test_one_callers_key_is_not_anothers(world: World, as_bob: Caller, as_alice: Caller, as_guest: Caller) -> None:
    for caller in (as_bob, as_alice, as_guest):
        answer = caller.send("PUT", "basket/", body_of(world), key="same")
        assert "Idempotent-Replayed" not in answer
    assert Cart.objects.count() == 3


def test_a_call_that_still_runs_is_not_run_twice_and_a_dead_one_is_taken_over(world: World, as_bob: Caller) -> None:
    as_bob.put("basket/", body_of(world), key="a")
    IdempotentCall.objects.update(status=None, answer=None)  # as if the process died in the middle
    CartLine.objects.all().delete()
    assert name_of(as_bob.put("basket/", body_of(world), 409, key="a")) == "still_running"
    assert not CartLine.objects.exists()
    with shifted(minutes=3):
        as_bob.put("basket/", body_of(world), key="a")
    assert CartLine.objects.get().quantity == 1
    assert IdempotentCall.objects.get().status == 200


def test_a_failure_of_ours_frees_the_key(world: World, as_bob: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_named: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("orders.checkout.carts.put", broken)
        as_bob.client.raise_request_exception = False
        answer = as_bob.send("PUT", "basket/", body_of(world), key="a")
    assert (answer.status_code, name_of(answer.json())) == (500, "server_error")
    assert b"disk" not in answer.content
    as_bob.put("basket/", body_of(world), key="a")


def test_old_answers_are_forgotten(world: World, as_bob: Caller) -> None:
    as_bob.put("basket/", body_of(world), key="a")
    assert idempotency.forget_old() == 0
    with shifted(days=8):
        assert idempotency.forget_old() == 1


def test_the_key_of_a_call_that_died_is_free_again_though_nobody_comes(world: World, as_bob: Caller) -> None:
    as_bob.put("basket/", body_of(world), key="a")
    IdempotentCall.objects.update(status=None, answer=None)
    assert idempotency.forget_old() == 0
    with shifted(minutes=3):
        assert idempotency.forget_old() == 1


@pytest.mark.django_db(transaction=True)
def test_calls_at_the_same_time_with_one_key_have_one_effect(alice: Any, bob: Any, moderator: Any) -> None:
    world = make_world(alice, bob, moderator)
    path, body = f"shop/listings/{world.scarf.pk}/stock/", {"stock": 7}
    before = StockMove.objects.count()
    answers = together(8, lambda: by_token(alice).send("PUT", path, body, key="one"))
    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {200, 409}
    assert codes[0] == 200
    assert StockMove.objects.count() == before + 1
    assert IdempotentCall.objects.get().status == 200


@pytest.mark.django_db(transaction=True)
def test_payouts_asked_for_at_the_same_time_never_pay_twice(alice: Any) -> None:
    answers = together(6, lambda: by_token(alice).send("POST", "payouts/", {"currency": "INR"}))
    assert {answer.status_code for answer in answers} == {409}
    assert not Payout.objects.exists()


def together(count: int, call: Any) -> list[Any]:
    """The answers of `count` calls that start at once, each on its own connection."""
    barrier, answers = threading.Barrier(count), []

    def run() -> None:
        barrier.wait()
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


@pytest.mark.django_db(transaction=True)
def test_a_call_that_lives_keeps_its_key_however_long_it_takes(
    alice: Any, bob: Any, moderator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(alice, bob, moderator)
    begun, go_on, answers = threading.Event(), threading.Event(), []

    def slow(**_named: Any) -> None:
        begun.set()
        assert go_on.wait(60)

    def run() -> None:
        try:
            answers.append(by_token(bob).send("PUT", "basket/", body_of(world), key="a").status_code)
        finally:
            connection.close()

    monkeypatch.setattr("orders.checkout.carts.put", slow)
    first = threading.Thread(target=run)
    first.start()
    assert begun.wait(60)
    with shifted(minutes=3):
        assert name_of(by_token(bob).put("basket/", body_of(world), 409, key="a")) == "still_running"
        assert idempotency.forget_old() == 0
    go_on.set()
    first.join(60)
    assert answers == [200]
    assert by_token(bob).send("PUT", "basket/", body_of(world), key="a")["Idempotent-Replayed"] == "true"


def test_an_answer_that_was_stored_stays_though_its_commit_seemed_to_fail(world: World, as_bob: Caller) -> None:
    as_bob.put("basket/", body_of(world), key="a")
    idempotency._free(IdempotentCall.objects.get())
    assert IdempotentCall.objects.get().status == 200
