"""Where sellers want their money: several methods per currency, one of them the default; a new one rests."""

from __future__ import annotations

import datetime as dt
import re

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from fx.money import COINS, EXPONENT
from marketplace.former import addresses_of
from marketplace.lib.clock import now
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import Payout, PayoutMethod
from payments.payouts import letters as payoutletters
from payments.payouts.banktext import latin
from payments.payouts.corridors import CORRIDORS
from payments.payouts.journals import give_back
from payments.processors import registry
from payments.sellers.payable import lock_seller

Kind = PayoutMethod.Kind
REST = dt.timedelta(hours=72)  # of a new destination: time for the letter to be read
MOST = 10  # current methods of one seller
UNSENT = (Payout.State.REQUESTED, Payout.State.APPROVED)


@transaction.atomic
def add_payout_method(
    *,
    seller: User,
    currency: str,
    by: User,
    kind: str = Kind.BANK,
    holder: str = "",
    country: str = "",
    iban: str = "",
    account: str = "",
    clearing_code: str = "",
    town: str = "",
    home: str = "",
    destination: str = "",
    default: bool = False,
) -> PayoutMethod:
    """One more way for the seller's `currency`; the first of a currency is its default, another one with `default`.

    Only the seller adds one. It rests for 72 hours before anything is paid to it, unless it is the first method
    that the seller ever had, and their own address is not new; a letter goes to the seller's address, and to one that
    was changed recently. The same destination once more is the method that is there. `town` and `home`, a country, are
    where the account's holder lives. PayoutRefused says which field is wrong.
    """
    if by != seller:
        raise PayoutRefused(_("Only sellers themselves say where their money goes."))
    if currency not in EXPONENT or currency in COINS:
        raise PayoutRefused(_("Payouts in %(currency)s are not made.") % {"currency": currency})
    if kind == Kind.BANK:
        where = _bank(country, iban, account, clearing_code) | {"destination": ""}
        whose = {"holder": _holder(holder), **_address(town, home or country)}
    else:
        where, whose = _coin(kind, destination), {}
    return _keep(seller, currency, kind, where, whose, default=default)


@transaction.atomic
def keep_account(*, seller: User, currency: str, kind: str, destination: str) -> PayoutMethod:
    """A method to an account that a processor opened for the seller (payments.payouts.connect)."""
    return _keep(seller, currency, kind, _only(destination), {}, default=False)


def _keep(
    seller: User, currency: str, kind: str, where: dict[str, str], whose: dict[str, str], *, default: bool
) -> PayoutMethod:
    lock_seller(seller.pk)
    method = PayoutMethod.objects.current(seller, currency).filter(kind=kind, **where).first()
    if method is None:
        method = _create(seller, currency, kind, where | whose)
    elif whose:
        _same_holder(method, whose)
    if default or not PayoutMethod.objects.current(seller, currency).filter(is_default=True).exists():
        _make_default(method)
    return method


def set_payout_method(**where: object) -> PayoutMethod:
    """Where the seller's money of a currency goes from now on: `add_payout_method` as the default."""
    return add_payout_method(**where, default=True)  # type: ignore[arg-type]


@transaction.atomic
def choose_default(method: PayoutMethod, *, by: User) -> PayoutMethod:
    """Payouts that are asked for from now on go there."""
    method = _own(method, by)
    _make_default(method)
    return method


@transaction.atomic
def remove_payout_method(method: PayoutMethod, *, by: User) -> PayoutMethod:
    """No payout goes there any more: one that has not left is canceled, and its money payable again.

    When it was the default, the oldest of the others is.
    """
    method = _own(method, by)
    for payout in Payout.objects.select_for_update().filter(method=method, state__in=UNSENT).order_by("pk"):
        give_back(payout, Payout.State.CANCELED, "")
    method.removed_at, method.is_default = now(), False
    method.save(update_fields=["removed_at", "is_default"])
    others = PayoutMethod.objects.current(method.seller, method.currency)
    other = others.order_by("created_at", "pk").first()
    if other is not None and not others.filter(is_default=True).exists():
        _make_default(other)
    return method


def coin_kinds() -> list[str]:
    """Coins that payouts can be made in: their processors are switched on."""
    return [kind for kind in (Kind.BITCOIN, Kind.ERC20) if kind in settings.PROCESSORS]


def _create(seller: User, currency: str, kind: str, where: dict[str, str]) -> PayoutMethod:
    mine = PayoutMethod.objects.filter(seller=seller)
    if mine.filter(removed_at=None).count() >= MOST:
        raise PayoutRefused(_("You have %(count)s methods. Remove one first.") % {"count": MOST})
    at = now()
    usable_from = at + REST if mine.exists() or has_moved(seller) else at
    method = PayoutMethod.objects.create(
        seller=seller, currency=currency, kind=kind, created_at=at, usable_from=usable_from, **where
    )
    payoutletters.method_added(method)
    return method


def has_moved(seller: User) -> bool:
    """Whether the e-mail address of the account was changed lately: then even a first destination rests."""
    return len(addresses_of(seller)) > 1


def _same_holder(method: PayoutMethod, whose: dict[str, str]) -> None:
    """Where the holder lives may be said anew; another holder of the same account is another destination."""
    if method.holder != whose["holder"]:
        raise PayoutRefused(
            _("This account is here already, as that of %(holder)s. Remove it first.") % {"holder": method.holder}
        )
    if whose["town"]:
        method.town, method.home = whose["town"], whose["home"]
        method.save(update_fields=["town", "home"])


def _make_default(method: PayoutMethod) -> None:
    PayoutMethod.objects.current(method.seller, method.currency).filter(is_default=True).update(is_default=False)
    method.is_default = True
    method.save(update_fields=["is_default"])


def _own(method: PayoutMethod, by: User) -> PayoutMethod:
    """Locked, and its seller too. PayoutRefused unless it is a current one of `by`."""
    if by.pk != method.seller_id:
        raise PayoutRefused(_("Only sellers themselves say where their money goes."))
    lock_seller(by.pk)
    row = PayoutMethod.objects.select_for_update(of=("self",)).select_related("seller").get(pk=method.pk)
    if row.removed_at is not None:
        raise PayoutRefused(_("This method was removed."))
    return row


def _coin(kind: str, destination: str) -> dict[str, str]:
    if kind not in coin_kinds():
        raise PayoutRefused(_("Payouts are not made that way here. Choose another."))
    destination = destination.strip()
    if not destination or len(destination) > 100 or not registry.get(kind).accepts_destination(destination):
        raise PayoutRefused(_("This is no address that these coins can be sent to. Copy it from your wallet again."))
    return _only(destination)


def _only(destination: str) -> dict[str, str]:
    return dict.fromkeys(("country", "iban", "account", "clearing_code"), "") | {"destination": destination}


def _bank(country: str, iban: str, account: str, clearing_code: str) -> dict[str, str]:
    country = country.strip().upper()
    found = {"iban": "", "account": "", "clearing_code": ""}
    found |= _checked(country, _plain(iban), _plain(account), _plain(clearing_code))
    return found | {"country": country}


def _holder(holder: str) -> str:
    holder = " ".join(holder.split())
    if not re.search("[A-Za-z0-9]", latin(holder, 70)) or len(holder) > 70:
        raise PayoutRefused(_("Write the account holder in Latin letters, as the bank does."))
    return holder


def _address(town: str, home: str) -> dict[str, str]:
    """Where the holder lives; nothing when no town is said."""
    town, home = " ".join(town.split()), home.strip().upper()
    if not town:
        return {"town": "", "home": ""}
    if not re.search("[A-Za-z]", latin(town, 35)) or len(town) > 35:
        raise PayoutRefused(_("Write the town in Latin letters, as a bank abroad reads it: at most 35 of them."))
    if not re.fullmatch("[A-Z]{2}", home):
        raise PayoutRefused(_("The country where the account holder lives has two letters, like IN or DE."))
    return {"town": town, "home": home}


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
