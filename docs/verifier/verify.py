#!/usr/bin/env python3
"""Check a proof of an order offline: python3 verify.py proof.json --key PUBLIC_KEY

The file is the download of an order's proof page; the key is the marketplace's, from /proof/, a letter or an archive:
whoever takes it from the proof itself believes the proof. Python 3.9 or later and nothing else. Ed25519 is written out
below (RFC 8032, section 5.1.7): Python has none, and openssl is not everywhere and differs in how it wants keys. It is
slow and checks only public data, so timing tells nobody anything.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys

GENESIS = "0" * 64
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


class Wrong(Exception):
    """The proof does not hold; the message says where."""


def parts(*texts):
    return b"".join(b"%d:%b," % (len(text), text) for text in (str(text).encode() for text in texts))


def hashed(*texts):
    return hashlib.sha256(parts(*texts)).hexdigest()


def check(proof, key):
    """How many journals the heads hold, how many wait, what is still held; Wrong when anything does not fit."""
    if proof.get("format") != "entrepot-proof-1":
        raise Wrong("this is no proof that I can read")
    heads = {head["day"]: head for head in proof["heads"]}
    for day, head in heads.items():
        check_head(day, head, key)
    waiting = 0
    for journal in proof["journals"]:
        if journal["head"] is None:
            waiting += 1
        else:
            check_journal(journal, heads[journal["head"]])
    return len(proof["journals"]) - waiting, waiting, check_sequence(proof["journals"])


def check_sequence(journals):
    """Each journal once, as they follow each other in the chain. What every visible hold has after the last one.

    That a journal is left out of the file is seen where a hold gave more than it got, or where it keeps something.
    """
    last, held = 0, {}
    for journal in journals:
        if journal["position"] is not None:
            if journal["position"] <= last:
                raise Wrong(f"journal {journal['key']} is there twice, or not in its order")
            last = journal["position"]
        for entry in journal["entries"]:
            account = entry.get("account", "")
            if account.startswith("hold:"):
                held[account] = held.get(account, 0) - entry["amount"]
                if held[account] < 0:
                    raise Wrong(f"more left {account} than came into it: a journal before {journal['key']} is missing")
    return {account: amount for account, amount in held.items() if amount}


def check_head(day, head, key):
    message = parts("entrepot-head-1", day, head["position"], head["digest"], head["before"])
    if head["key"] != key:
        raise Wrong(f"the head of {day} is signed by another key")
    if not is_signed(bytes.fromhex(key), message, bytes.fromhex(head["signature"])):
        raise Wrong(f"the signature of {day} does not hold")


def check_journal(journal, head):
    entries = [commitment(entry) for entry in journal["entries"]]
    leaf = hashed(journal["key"], journal["kind"], journal["ref"], journal["at"], *entries)
    digest = hashed(journal["before"], leaf)
    for other in journal["after"]:
        digest = hashed(digest, other)
    if digest != head["digest"]:
        raise Wrong(f"journal {journal['key']} does not lead to the head of {head['day']}")
    if journal["position"] + len(journal["after"]) != head["position"]:
        raise Wrong(f"journal {journal['key']} is not at its place")
    sums = {}
    for entry in journal["entries"]:
        if "hidden" in entry:
            return
        sums[entry["currency"]] = sums.get(entry["currency"], 0) + entry["amount"]
    if any(sums.values()):
        raise Wrong(f"journal {journal['key']} is not balanced")


def commitment(entry):
    if "hidden" in entry:
        return entry["hidden"]
    return hashed(entry["salt"], entry["account"], entry["amount"], entry["currency"])


# --- Ed25519: points are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z ----------------------------------


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def read_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    a, r = read_point(key), read_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or len(signature) != 64 or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P
    same_y = (left[1] * right[2] - right[1] * left[2]) % P
    return not same_x and not same_y


def main():
    reader = argparse.ArgumentParser(description="Check a proof of an order.")
    reader.add_argument("file")
    reader.add_argument("--key", required=True, help="the marketplace's public key, 64 hex digits")
    asked = reader.parse_args()
    try:
        with open(asked.file, encoding="utf-8") as file:
            signed, waiting, held = check(json.load(file), asked.key.lower())
    except Wrong as wrong:
        sys.exit(f"WRONG: {wrong}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        sys.exit(f"WRONG: the file is not a whole proof ({type(error).__name__}: {error})")
    sys.stdout.write(f"{signed} journals are as they were signed; {waiting} wait for the next head.\n")
    for account, amount in held.items():
        sys.stdout.write(f"{account} still holds {amount} of its smallest unit; if not, a journal was left out.\n")


if __name__ == "__main__":
    main()
