"""What the double keeps through a restart and a kill."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import stripe

from payments.doubles.stripe.store import Store
from tests.doubles import StripeDouble


def test_a_restart_keeps_charges_keys_and_undelivered_events(tmp_path: Path) -> None:
    path = tmp_path / "stripe.jsonl"
    first = StripeDouble(path)
    client = stripe.StripeClient(first.secret_key, base_addresses={"api": first.url})
    made = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    first.pay(made.id)
    first.double.sender.mark(first.events()[0]["id"])
    first.stop()

    second = StripeDouble(path)
    client = stripe.StripeClient(second.secret_key, base_addresses={"api": second.url})
    again = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"}, {"idempotency_key": "a"})
    assert again.id == made.id
    assert client.v1.payment_intents.retrieve(made.id).status == "succeeded"
    assert [event["type"] for event in second.events()] == [
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert [charge["payment_intent"] for charge in second.charges()] == [made.id]
    second.stop()


def test_a_line_that_a_kill_cut_short_loses_that_request_whole(tmp_path: Path) -> None:
    path = tmp_path / "stripe.jsonl"
    store = Store(path)
    store.new("payment_intent", status="a")
    store.commit()
    store.new("payment_intent", status="b")
    store.new("charge", status="b")
    store.commit()
    whole = path.read_text()
    path.write_text(whole[:-20])
    reopened = Store(path)
    assert [row["status"] for row in reopened.every("payment_intent")] == ["a"]
    reopened.new("payment_intent", status="c")
    reopened.commit()
    assert [row["status"] for row in Store(path).every("payment_intent")] == ["c", "a"]


def test_the_command_survives_kill_9_and_ends_on_sigterm(tmp_path: Path) -> None:
    path, port = tmp_path / "stripe.jsonl", free_port()
    process = started(port, path)
    client = stripe.StripeClient(
        "sk_test_demo", base_addresses={"api": f"http://127.0.0.1:{port}"}, max_network_retries=0
    )
    made = client.v1.payment_intents.create({"amount": 1000, "currency": "eur"})
    client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_de"})
    process.kill()
    process.wait()
    process = started(port, path)
    assert client.v1.payment_intents.retrieve(made.id).amount_received == 1000
    process.terminate()
    assert process.wait(10) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def started(port: int, path: Path) -> subprocess.Popen[bytes]:
    words = ["manage.py", "stripe_double", "--port", str(port), "--data", str(path), "--webhook-url", ""]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.1)
    process.kill()
    raise AssertionError("The double did not come up.")
