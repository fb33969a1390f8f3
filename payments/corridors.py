"""Countries that are paid by account number and clearing code: what an account looks like there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_noop
from stdnum.us import rtn

CLABE_WEIGHTS = (3, 7, 1) * 6


@dataclass(frozen=True, slots=True)
class Corridor:
    """A country that pays by account number. `system` is the ISO code of its clearing system, empty
    where it has none; `hint` says what is asked for."""

    system: str
    account: str
    member: str
    hint: str
    checked: Callable[[str, str], bool] = lambda account, member: True


def is_clabe(number: str) -> bool:
    """Eighteen digits with a right check digit: weights 3, 7, 1, each product modulo 10."""
    if not re.fullmatch(r"[0-9]{18}", number):
        return False
    products = (int(d) * w % 10 for d, w in zip(number[:17], CLABE_WEIGHTS, strict=False))
    return -sum(products) % 10 == int(number[17])


CORRIDORS = {
    "IN": Corridor(
        "INFSC",
        r"[0-9]{9,18}",
        r"[A-Z]{4}0[A-Z0-9]{6}",
        gettext_noop("India: an account number of 9 to 18 digits and an IFSC like SBIN0001234."),
    ),
    "MX": Corridor(
        "",
        r"[0-9]{18}",
        r"[0-9]{3}",
        gettext_noop("Mexico: a CLABE of 18 digits; its bank code is read from it."),
        lambda account, member: is_clabe(account) and account.startswith(member),
    ),
    "US": Corridor(
        "USABA",
        r"[0-9]{4,17}",
        r"[0-9]{9}",
        gettext_noop("United States: an account number and a routing number of nine digits."),
        lambda account, member: bool(rtn.is_valid(member)),
    ),
    "AU": Corridor(
        "AUBSB",
        r"[0-9]{5,9}",
        r"[0-9]{6}",
        gettext_noop("Australia: an account number of 5 to 9 digits and a BSB of six digits."),
    ),
    "CA": Corridor(
        "CACPA",
        r"[0-9]{7,12}",
        r"0[0-9]{8}",
        gettext_noop("Canada: an account number and a routing number like 000305112."),
    ),
}
