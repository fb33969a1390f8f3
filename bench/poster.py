"""A client of the ledger, a process of its own: it posts by our Python as fast as it can when it is told."""

from __future__ import annotations

import json
import random
import sys
import time
import uuid

from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.codes import Code
from payments.ledger.posting import Leg, post
from payments.models.ledger import Entry

ACCOUNTS = 1_000
HOT = codes.clearing("hot", "EUR")


def account(number: int) -> Code:
    return codes.clearing(f"bench{number:04}", "EUR")


def open_accounts() -> None:
    """In the order of their numbers, so that SQL alone can name them; again is harmless."""
    post("bench:open", "bench", "", [*((account(n), 1) for n in range(ACCOUNTS)), (HOT, -ACCOUNTS)])


def spread(chance: random.Random) -> list[Leg]:
    """From one of a thousand accounts to another."""
    one, other = chance.sample(range(ACCOUNTS), 2)
    return [(account(one), 1), (account(other), -1)]


def hot(chance: random.Random) -> list[Leg]:
    """From one of a thousand accounts to the one that all share."""
    return [(account(chance.randrange(ACCOUNTS)), 1), (HOT, -1)]


PATTERNS = {"spread": spread, "hot": hot}


def main() -> None:
    """Prints "ready", then answers each line `<pattern> <seconds>` with how many journals it posted."""
    open_accounts()
    chance = random.Random()
    print("ready", flush=True)
    for line in sys.stdin:
        pattern, seconds = line.split()
        legs, count, end = PATTERNS[pattern], 0, time.monotonic() + float(seconds)
        while time.monotonic() < end:
            post(f"bench:{uuid.uuid4()}", "bench", "", legs(chance))
            count += 1
        print(count, flush=True)


def read(times: int = 200) -> None:
    """Prints seconds of reading the shared account's balance and another's of ten entries, in turn."""
    small = codes.clearing("small", "EUR")
    for number in range(10):
        post(f"bench:small:{number}", "bench", "", [(small, 1), (account(number), -1)])
    took: dict[str, list[float]] = {"hot": [], "small": []}
    for _time in range(times):
        for name, code in (("hot", HOT), ("small", small)):
            began = time.perf_counter()
            balance(code)
            took[name].append(time.perf_counter() - began)
    entries = Entry.objects.filter(account__code=HOT.code).count()
    print(json.dumps({**took, "entries": entries}))
