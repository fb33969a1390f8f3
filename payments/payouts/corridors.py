"""Countries that are paid by account number instead of an IBAN: what an account looks like there.

Clearing systems and the shape of their codes are those of ISO 20022's external code set
(ExternalClearingSystemIdentification1Code); where a country has none there, the bank is named by its BIC (ISO 9362).
Check digits come from python-stdnum. A country whose transfers need more than these fields, such as China's purpose
codes, is not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_noop
from stdnum import bic, numdb
from stdnum.ar import cbu
from stdnum.nz import bankaccount
from stdnum.us import rtn

CLABE_WEIGHTS = (3, 7, 1) * 6
BIC = r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?"


@dataclass(frozen=True, slots=True)
class Corridor:
    """A country that pays by account number. `system` is the ISO code of its clearing system, empty
    where it has none; `by_bic`: the bank is named by its BIC instead. `hint` says what is asked for."""

    system: str
    account: str
    member: str
    hint: str
    checked: Callable[[str, str], bool] = lambda account, member: True
    by_bic: bool = False


def is_clabe(number: str) -> bool:
    """Eighteen digits with a right check digit: weights 3, 7, 1, each product modulo 10."""
    if not re.fullmatch(r"[0-9]{18}", number):
        return False
    products = (int(d) * w % 10 for d, w in zip(number[:17], CLABE_WEIGHTS, strict=False))
    return -sum(products) % 10 == int(number[17])


def has_iban(country: str) -> bool:
    """Whether banks in `country` have IBANs, by the registry that python-stdnum ships."""
    return bool(re.fullmatch(r"[A-Z]{2}", country)) and bool(numdb.get("iban").info(f"{country}00")[0][1])


def by_bic(country: str, account: str, hint: str, also: Callable[[str], bool] = lambda account: True) -> Corridor:
    """Account number and BIC, which has to be of the same country."""

    def checked(number: str, member: str) -> bool:
        return bool(bic.is_valid(member)) and member[4:6] == country and also(number)

    return Corridor("", account, BIC, hint, checked, by_bic=True)


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
    "JP": Corridor(
        "JPZGN",
        r"[0-9]{7}",
        r"[0-9]{7}",
        gettext_noop("Japan: an account number of 7 digits; bank code (4 digits) and branch code (3) together."),
    ),
    "NZ": Corridor(
        "NZNCC",
        r"[0-9]{9,10}",
        r"[0-9]{6}",
        gettext_noop("New Zealand: bank and branch (6 digits), then account and suffix (9 or 10 digits)."),
        lambda account, member: bool(bankaccount.is_valid(member + account)),
    ),
    "HK": Corridor(
        "HKNCC",
        r"[0-9]{9,12}",
        r"[0-9]{3}",
        gettext_noop("Hong Kong: a bank code of 3 digits; branch code and account number together, 9 to 12 digits."),
    ),
    "SG": Corridor(
        "SGIBG",
        r"[0-9]{5,14}",
        r"[0-9]{7}",
        gettext_noop("Singapore: an account of 5 to 14 digits; bank code (4 digits) and branch code (3) together."),
    ),
    "TH": Corridor(
        "THCBC",
        r"[0-9]{10,12}",
        r"[0-9]{3}",
        gettext_noop("Thailand: an account number of 10 to 12 digits and a bank code of 3 digits."),
    ),
    "TW": Corridor(
        "TWNCC",
        r"[0-9]{10,16}",
        r"[0-9]{7}",
        gettext_noop("Taiwan: an account number of 10 to 16 digits and a bank and branch code of 7 digits."),
    ),
    "ZA": Corridor(
        "ZANCC",
        r"[0-9]{7,11}",
        r"[0-9]{6}",
        gettext_noop("South Africa: an account number of 7 to 11 digits and a branch code of 6 digits."),
    ),
    "AR": by_bic(
        "AR",
        r"[0-9]{22}",
        gettext_noop("Argentina: a CBU of 22 digits and the bank's BIC."),
        lambda account: bool(cbu.is_valid(account)),
    ),
    "ID": by_bic("ID", r"[0-9]{8,16}", gettext_noop("Indonesia: an account of 8 to 16 digits and the bank's BIC.")),
    "KR": by_bic("KR", r"[0-9]{10,16}", gettext_noop("South Korea: an account of 10 to 16 digits and the bank's BIC.")),
    "PH": by_bic("PH", r"[0-9]{6,16}", gettext_noop("Philippines: an account of 6 to 16 digits and the bank's BIC.")),
    "VN": by_bic("VN", r"[0-9]{6,19}", gettext_noop("Vietnam: an account of 6 to 19 digits and the bank's BIC.")),
}
