"""Numbers of posts, as the Universal Postal Union's standard S10 makes them: `RB473124829GB`.

Two letters for the service, eight digits, a check digit, the country of the post that gave the number.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from marketplace.lib.places import is_country

WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_SHAPE = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])([A-Z]{2})", re.ASCII)


def check_digit(serial: str) -> str:
    """The ninth digit for eight: what 11 still lacks of the weighted sum, with 0 for 10 and 5 for 11."""
    assert len(serial) == len(WEIGHTS)
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(WEIGHTS, serial, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def fault(number: str) -> str:
    """Why a number of this shape cannot be right, in a sentence; empty when it can, or when it has another shape.

    It is never corrected: which of its digits is the wrong one, nobody but the receipt knows.
    """
    found = _SHAPE.fullmatch(number.replace(" ", "").replace("-", "").upper())
    if found is None or not is_country(found[3]):
        return ""
    right = check_digit(found[1])
    if found[2] == right:
        return ""
    message = _(
        "%(number)s has a typing error: after the digits %(digits)s comes %(right)s and not %(given)s. "
        "Compare it with the receipt."
    )
    return message % {"number": number, "digits": found[1], "right": right, "given": found[2]}
