"""What nobody should send, by kind of field; and what a careful person would."""

from __future__ import annotations

import re

from tests.conftest import PASSWORD

LONG = "a" * 100_000
HUGE = "1" + "0" * 30
NUL = "1\x002"
HALF = "%ED%A0%80"  # half a surrogate pair, as its three bytes
ODD = "\u202e{{7*7}}%s%n'\"><script>alert(1)</script>\u200d\U0001f469\u0300" + "' OR 1=1--"

# What must be refused, by kind of field.
WRONG: dict[str, list[str]] = {
    "amount": [
        "-5", "-0.00", HUGE, "NaN", "1e5", "1_000", "١٢", "10.123456789", "1,50", NUL, LONG,
    ],
    "whole": ["-1", "1.5", "1e3", HUGE, "NaN", "٣", "1_0", NUL, LONG],
    "choice": ["nonsense", NUL, HALF],
    "email": ["x", "x@", "x@y@z.de", "a@b.de,c@d.de", "x@y.de\nBcc: z@y.de", NUL, LONG],
    "text": [NUL, LONG],
    "tick": [],
    "secret": [NUL],
    "hidden": ["nonsense", HUGE, NUL],
    "file": [],
}  # fmt: skip
# What may be taken or refused, but breaks nothing.
STRANGE: dict[str, list[str]] = {"text": [ODD, HALF], "tick": ["nonsense", NUL], "secret": [ODD, LONG]}
# Hidden fields that are read leniently: a wrong one is as none.
LENIENT = re.compile(r"next|csrfmiddlewaretoken|action|initial-.*|(?:.*-)?(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS")
BOUNDLESS = {"body"}  # of a legal text, which staff write
UNSAID = {("/account/email/", "choice")}  # the library's own list: what is not on it is left alone without a word

FILL = {
    "name": "A good name",
    "title": "A plain cushion",
    "description": "Stuffed with wool.",
    "price": "950",
    "hs_code": "621490",
    "weight_g": "300",
    "stock": "2",
    "city": "Udaipur",
    "street": "1 Lake Road",
    "handling_days": "3",
    "first": "500",
    "next": "100",
    "max_weight_g": "2000",
    "min_days": "3",
    "max_days": "9",
    "carrier": "Post",
    "tracking_number": "EE123456785IN",
    "reason": "It is torn.",
    "answer": "It left whole.",
    "amount": "100",
    "back": "",  # only for both
    "bps": "1000",
    "days": "30",
    "goods": "100",
    "why": "A small stain.",
    "alt": "What it shows",
    "holder": "Alice",
    "country": "DE",
    "scheme": "MY-LVG",
    "valid_from": "2026-07-01",
    "number": "IN12345678",
    "account": "123456789012",
    "clearing_code": "SBIN0001234",
    "every": "week",
    "threshold": "500",
    "transaction_id": "ab" * 32,
    "erc20-destination": "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045",
    "destination": "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
    "street_address": "Torstraße 1",
    "postal_code": "10119",
    "email": "guest@example.com",
    "login": "guest@example.com",
    "password": PASSWORD,
    "password1": "a-long-enough-one",
    "password2": "a-long-enough-one",
    "oldpassword": PASSWORD,
    "quantity": "1",
    "text": "REF 7",
    "note": "Looked at.",
    "reference": "ref 7",
    "amount_0": "5.00",
    "amount_1": "EUR",
    "sold_0": "5.00",
    "sold_1": "INR",
    "bought_0": "1.00",
    "bought_1": "EUR",
    "processor": "stripe",
    "code": "999999",
    "decision": "reject",
    "edition": "HS 2022",
    "kind": "terms",
    "version": "9",
    "part": "percent",
    "confidence": "medium",
    "points": "150",
    "source": "The price list of this year",
    "body": "Words",
    "effective_at_0": "2031-01-01",
    "effective_at_1": "00:00:00",
}
