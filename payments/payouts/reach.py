"""Which ways a seller's money can take to them: said before they list anything."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from fx.money import COINS, EXPONENT
from marketplace.lib.embargoes import embargoes
from payments.models import PayoutMethod
from payments.payouts.corridors import CORRIDORS, has_iban
from payments.payouts.methods import coin_kinds
from payments.processors import registry
from payments.processors.bank import Bank
from payments.processors.base import Refused

Kind = PayoutMethod.Kind


@dataclass(frozen=True, slots=True)
class Reach:
    """`ways` are kinds of payout methods that work for somebody in `country` who is owed `currency`; `account` says
    what a bank account there looks like, where it is no IBAN."""

    country: str
    currency: str
    ways: tuple[str, ...]
    account: str = ""

    @property
    def words(self) -> str:
        """What a seller reads, as one sentence or two."""
        named = {"currency": self.currency, "ways": _joined(self.ways), "others": _joined(_others(self.ways), "or")}
        if not self.ways:
            return (
                _("We cannot pay you in %(currency)s yet. You could sell, but your money would have to wait.") % named
            )
        if not named["others"]:
            return _("We can pay you in %(currency)s %(ways)s.") % named
        return _("We can pay you in %(currency)s %(ways)s; not %(others)s.") % named


def reach(country: str, currency: str) -> Reach:
    """How a seller in `country` whose prices are in `currency` can be paid here. Offline and cheap."""
    country = country.upper()
    embargo = embargoes().get(country)
    if currency not in EXPONENT or currency in COINS or (embargo is not None and embargo.blocks):
        return Reach(country, currency, ())
    ways = [Kind.BANK] if _by_bank(country, currency) else []
    corridor = CORRIDORS.get(country)
    account = _(corridor.hint) if corridor and Kind.BANK in ways and not has_iban(country) else ""
    if _by_processor(country, currency):
        ways.append(Kind.STRIPE)
    return Reach(country, currency, (*ways, *coin_kinds()), account)


def _by_processor(country: str, currency: str) -> bool:
    try:
        return registry.get(Kind.STRIPE).pays_out(country, currency)
    except registry.NoProcessor:
        return False


def _by_bank(country: str, currency: str) -> bool:
    """The platform has an account in the currency, and banks there can be named."""
    try:
        bank = registry.get(Kind.BANK)
        assert isinstance(bank, Bank)
        bank.debtor(currency)
    except (Refused, registry.NoProcessor):
        return False
    return country in CORRIDORS or has_iban(country)


def _others(ways: tuple[str, ...]) -> tuple[str, ...]:
    """The usual ways that do not work."""
    return tuple(kind for kind in (Kind.BANK, Kind.STRIPE) if kind not in ways)


def _joined(ways: tuple[str, ...], word: str = "and") -> str:
    names = {
        Kind.BANK: _("by bank transfer"),
        Kind.STRIPE: _("by the card network"),
        Kind.BITCOIN: _("in Bitcoin"),
        Kind.ERC20: _("in USDC"),
    }
    said = [names[Kind(kind)] for kind in ways]
    if len(said) < 2:
        return "".join(said)
    pair = {"first": ", ".join(said[:-1]), "last": said[-1]}
    return (_("%(first)s and %(last)s") if word == "and" else _("%(first)s or %(last)s")) % pair
