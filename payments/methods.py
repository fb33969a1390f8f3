"""Where sellers want their money: which account is a real one, by the country of its bank."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError
from stdnum.us import rtn

from fx.money import COINS, EXPONENT
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import PayoutMethod
from payments.pain001 import latin

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


@transaction.atomic
def set_payout_method(
    *,
    seller: User,
    currency: str,
    by: User,
    holder: str,
    country: str,
    iban: str = "",
    account: str = "",
    clearing_code: str = "",
) -> PayoutMethod:
    """The seller's account for `currency` from now on; payouts that were requested keep theirs.

    Only the seller sets it. PayoutRefused says which field is wrong and what it should look like.
    """
    if by != seller:
        raise PayoutRefused(_("Only sellers themselves say where their money goes."))
    if currency not in EXPONENT or currency in COINS:
        raise PayoutRefused(_("Payouts in %(currency)s go to no bank.") % {"currency": currency})
    country, holder = country.strip().upper(), " ".join(holder.split())
    if not latin(holder, 70) or len(holder) > 70:
        raise PayoutRefused(_("Write the account holder in Latin letters, as the bank does."))
    where = _checked(country, _plain(iban), _plain(account), _plain(clearing_code))
    current = PayoutMethod.objects.select_for_update().filter(seller=seller, currency=currency)
    current.filter(replaced_at=None).update(replaced_at=now())
    return PayoutMethod.objects.create(seller=seller, currency=currency, holder=holder, country=country, **where)


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _checked(country: str, iban: str, account: str, member: str) -> dict[str, str]:
    if iban and (account or member):
        raise PayoutRefused(_("Give an IBAN, or an account number, not both."))
    if iban:
        return {"iban": _checked_iban(country, iban)}
    corridor = CORRIDORS.get(country)
    if corridor is None:
        message = _(
            "We cannot pay to account numbers in %(country)s yet. Give an IBAN, or an account in another country."
        )
        raise PayoutRefused(message % {"country": country})
    if country == "MX":
        member = member or account[:3]
    shaped = re.fullmatch(corridor.account, account) and re.fullmatch(corridor.member, member)
    if not shaped or not corridor.checked(account, member):
        raise PayoutRefused(_(corridor.hint))
    return {"account": account, "clearing_code": member}


def _checked_iban(country: str, iban: str) -> str:
    try:
        number = str(ibans.validate(iban))
    except ValidationError:
        raise PayoutRefused(_("%(iban)s is not a valid IBAN. Check its digits.") % {"iban": iban[:40]}) from None
    if number[:2] != country:
        raise PayoutRefused(
            _("The IBAN is of %(iban)s, the bank of %(country)s. Make them the same.")
            % {"iban": number[:2], "country": country}
        )
    return number
