"""The proof of an order: its people download it, the verifier believes it, and nothing that was tampered with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from marketplace.lib.clock import shifted
from marketplace.models import User
from marketplace.run.places import BASE
from orders import services, work
from orders.proofwords import KINDS, whose
from payments.models import ChainHead
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.world import World, delivered_order, pay_by_card, place

pytestmark = pytest.mark.django_db
VERIFIER = BASE / "docs" / "verifier" / "verify.py"


@pytest.fixture
def number(world: World, stripe_double: StripeDouble) -> str:
    """An order that was paid, released, and signed."""
    order = services.confirm(delivered_order(world, stripe_double).number, by=world.bob)
    work.prove()
    return order.number


def taken(user: User, number: str) -> dict[str, Any]:
    answer = logged_in(user).get(f"/orders/{number}/proof.json")
    assert answer.status_code == 200
    return json.loads(answer.content)  # type: ignore[no-any-return]


def verified(proof: object, tmp_path: Path, key: str = "") -> tuple[int, str]:
    """Exit code and words of the verifier, run as people run it: alone, without our environment."""
    file = tmp_path / "proof.json"
    file.write_text(proof if isinstance(proof, str) else json.dumps(proof))
    command = [sys.executable, "-I", str(VERIFIER), str(file), "--key", key or ChainHead.objects.earliest("day").key]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={}, check=False)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def test_buyer_and_seller_download_a_proof_that_holds(world: World, number: str, tmp_path: Path) -> None:
    for user in (world.alice, world.bob):
        proof = taken(user, number)
        assert [one["kind"] for one in proof["journals"]] == ["capture", "fee", "release"]
        assert verified(proof, tmp_path) == (0, "3 journals are as they were signed; 0 wait for the next head.\n")


def test_what_came_after_the_head_waits_for_the_next(world: World, stripe_double: StripeDouble, tmp_path: Path) -> None:
    order = delivered_order(world, stripe_double)
    work.prove()
    services.confirm(order.number, by=world.bob)
    work.prove()
    assert "2 journals are as they were signed; 1 wait" in verified(taken(world.bob, order.number), tmp_path)[1]
    with shifted(days=1):
        work.prove()
    assert "3 journals are as they were signed; 0 wait" in verified(taken(world.bob, order.number), tmp_path)[1]


def _entry(proof: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in proof["journals"][0]["entries"] if "hidden" not in one)


def _amount(proof: dict[str, Any]) -> None:
    _entry(proof)["amount"] += 1


def _account(proof: dict[str, Any]) -> None:
    _entry(proof)["account"] = "expense:loss:EUR"


def _at(proof: dict[str, Any]) -> None:
    proof["journals"][0]["at"] = "2020-01-01T00:00:00.000000Z"


def _entries(proof: dict[str, Any]) -> None:
    proof["journals"][0]["entries"].pop()


def _position(proof: dict[str, Any]) -> None:
    proof["journals"][0]["position"] += 1


def _before(proof: dict[str, Any]) -> None:
    proof["journals"][0]["before"] = "f" * 64


def _after(proof: dict[str, Any]) -> None:
    proof["journals"][0]["after"] = ["0" * 64]


def _digest(proof: dict[str, Any]) -> None:
    proof["heads"][0]["digest"] = "0" * 64


def _day(proof: dict[str, Any]) -> None:
    proof["heads"][0]["day"] = proof["journals"][0]["head"] = proof["journals"][1]["head"] = "2020-01-01"


def _signature(proof: dict[str, Any]) -> None:
    signature = proof["heads"][0]["signature"]
    proof["heads"][0]["signature"] = ("1" if signature[0] == "0" else "0") + signature[1:]


def _short(proof: dict[str, Any]) -> None:
    proof["heads"][0]["signature"] = ""


def _format(proof: dict[str, Any]) -> None:
    proof["format"] = "entrepot-proof-2"


def _head(proof: dict[str, Any]) -> None:
    proof["heads"] = []


TAMPERED = (
    *(_amount, _account, _at, _entries, _position, _before, _after),
    *(_digest, _day, _signature, _short, _format, _head),
)


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda one: one.__name__.strip("_"))
def test_a_tampered_proof_is_refused(
    world: World, number: str, tmp_path: Path, tamper: Callable[[dict[str, Any]], None]
) -> None:
    proof = taken(world.alice, number)
    tamper(proof)
    code, words = verified(proof, tmp_path)
    assert (code, words[:6]) == (1, "WRONG:")


def test_another_key_and_a_file_that_is_no_proof_are_refused(world: World, number: str, tmp_path: Path) -> None:
    proof = taken(world.alice, number)
    assert "signed by another key" in verified(proof, tmp_path, "ab" * 32)[1]
    for text in ("", "[]", "{", "{}"):
        assert verified(text, tmp_path)[0] == 1


def test_nobody_reads_what_is_not_theirs(world: World, stripe_double: StripeDouble) -> None:
    """One payment for two shops: Alice reads nothing of Carmen's, Bob nothing of how their money is divided."""
    checkout = place(world.bob, world.scarf, world.vase)
    pay_by_card(checkout, stripe_double)
    work.prove()
    hers = checkout.orders.get(shop__owner=world.alice)
    other = checkout.orders.get(shop__owner=world.carmen)
    text = json.dumps(taken(world.alice, hers.number))
    assert f"hold:{hers.number}" in text
    assert other.number not in text
    assert "clearing:stripe" not in text
    services.mark_shipped(hers.number, by=world.alice, carrier="India Post", tracking_number="EE123456785IN")
    services.mark_delivered(hers.number, by=world.bob)
    services.confirm(hers.number, by=world.bob)
    assert "seller:" not in json.dumps(taken(world.bob, hers.number))
    assert logged_in(world.carmen).get(f"/orders/{hers.number}/proof.json").status_code == 404
    assert logged_in(world.carmen).get(f"/orders/{hers.number}/proof/").status_code == 404


def test_the_pages_show_the_heads_and_the_places(world: World, number: str) -> None:
    head = ChainHead.objects.get()
    public = logged_in(world.carmen).get("/proof/").content.decode()
    assert head.digest in public
    assert head.key in public
    page = logged_in(world.bob).get(f"/orders/{number}/proof/").content.decode()
    for words in ("The buyer’s payment came in", "held for the buyer", "The order is complete", "release"):
        assert words in page
    assert f"signed on {head.day}" in page
    assert "sealed entr" in page


def test_the_verifier_of_the_site_is_the_one_in_the_docs(world: World, client: Client) -> None:
    answer = client.get("/proof/verify.py")
    assert answer.content == VERIFIER.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="verify.py"'
    assert 'href="/proof/verify.py"' in client.get("/proof/").content.decode()


def test_every_kind_that_an_orders_journals_have_is_said_in_words() -> None:
    """By the table of docs/architecture.md: what touches the hold of an order, its buyer or seller."""
    table = (BASE / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `[^`]+` \|(.*)\| `[\w/]+\.py` \|$", table, re.MULTILINE)
    of_orders = {kind for kind, legs in rows if "hold:" in legs or "disputed:" in legs}
    assert {"capture", "release", "chargeback"} <= of_orders
    assert of_orders - set(KINDS) == set()
    assert set(KINDS) - {kind for kind, _legs in rows} == set()


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("hold:E-1", "held for the buyer"),
        ("seller:7:INR", "the seller’s"),
        ("seller:7:INR:debt", "owed by the seller"),
        ("tax:IOSS:DE:EUR", "tax, passed on"),
        ("fx:INR", "exchange"),
        ("drawn:EUR", ""),
    ],
)
def test_accounts_are_said_in_words(account: str, words: str) -> None:
    assert whose(account) == words
