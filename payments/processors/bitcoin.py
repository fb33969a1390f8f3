"""Bitcoin, without anyone in between."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from django.utils.translation import gettext as _

from fx.money import Money
from payments.chain.addresses import DEMO_TPUB, Account, is_address, script_of
from payments.chain.book import DatabaseBook, by_value
from payments.chain.core import Core
from payments.chain.demo import DemoChain
from payments.chain.esplora import Esplora
from payments.chain.invoice import TOLERANCE_SAT, Book
from payments.chain.outgoing import FINAL_AFTER, Outgoing
from payments.chain.psbt import read
from payments.chain.source import ChainSource
from payments.processors.base import Can, Outcome, Refused, Update
from payments.processors.coin import Coin

REFERENCE = re.compile(r"(?P<txid>[0-9a-f]{64})(:(?P<vout>[0-9]{1,5}))?")
CLOCKS_DIFFER = dt.timedelta(hours=2)  # a block's time may be that much before now


class Bitcoin(Coin):
    """Config: `xpub`, `network` (main, test, signet, regtest), `source` (core, esplora, demo), `url`, `wallet`;
    optional `first_index`, below which no address is given out."""

    slug: ClassVar[str] = "bitcoin"
    label: ClassVar[str] = "Bitcoin"
    currency: ClassVar[str] = "BTC"
    least: ClassVar[int] = 10 * TOLERANCE_SAT
    can: ClassVar[Can] = Can.POLL | Can.CANCEL | Can.VERIFY
    dust: ClassVar[int] = 1_000  # nodes relay from 546 on, but who gets less pays it to spend it

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        book: Book | None = None,
        source: ChainSource | None = None,
    ) -> None:
        self.account = account_from(config)
        self.chain = chain_of(self.account.network)
        book = book or DatabaseBook(
            self.chain, self.account.address, depth=by_value, first=config.get("first_index", 0)
        )
        super().__init__(config, book=book, source=source or source_from(config, self.account))

    @property
    def play(self) -> bool:
        return self.account.network != "main"

    def uri(self, address: str, amount: Money) -> str:
        """BIP 21."""
        return f"bitcoin:{address}?amount={amount.decimal:.8f}&label={quote('Entrepôt')}"

    @property
    def destination_label(self) -> str:
        return _("Your Bitcoin address")

    def verify_sent(
        self, reference: str, money: Money, *, destination: str, since: dt.datetime, kind: str = "refund"
    ) -> Update | None:
        """`reference` is a transaction's id, with `:` and the output's number where it pays several alike."""
        if money.currency != self.currency:
            raise Refused(f"{self.slug} sends {self.currency}, not {money}.")
        if not isinstance(self.source, Outgoing):
            return Update(kind, reference.strip(), Outcome.SUCCEEDED, money)  # the play chain has nothing to look at
        asked = REFERENCE.fullmatch(reference.strip().lower())
        if asked is None:
            message = f"{reference.strip()[:80]!r} is no transaction id: 64 digits from 0 to f."
            return Update(kind, reference.strip(), Outcome.FAILED, money, message=message)
        known = self.source.transaction(asked["txid"])
        if known is None:
            return None
        places = [n for n, paid in enumerate(read(known.raw).pays) if paid == (script_of(destination), money.amount)]
        places = [n for n in places if asked["vout"] is None or n == int(asked["vout"])]
        if not places or (known.at is not None and known.at < (since - CLOCKS_DIFFER).timestamp()):
            wrong = "is older than what it should pay." if places else f"does not pay {money} to {destination}."
            return Update(kind, asked["txid"], Outcome.FAILED, money, message=f"Transaction {asked['txid']} {wrong}")
        ref = f"{asked['txid']}:{places[0]}" if kind == "refund" else asked["txid"]
        if known.depth < FINAL_AFTER:
            message = f"Transaction {asked['txid']} has {known.depth} of {FINAL_AFTER} confirmations."
            return Update(kind, ref, Outcome.PENDING, money, message=message)
        return Update(kind, ref, Outcome.SUCCEEDED, money)

    def accepts_destination(self, destination: str) -> bool:
        return is_address(destination, self.account.network)


def chain_of(network: str) -> str:
    return f"bitcoin:{network}"


def account_from(config: Mapping[str, Any]) -> Account:
    """The configured account; the public test account where none is set, which only the sandbox's settings allow."""
    network = config["network"]
    return Account.parse(config["xpub"] or (DEMO_TPUB if network == "regtest" else ""), network)


def source_from(config: Mapping[str, Any], account: Account) -> ChainSource:
    name = config["source"]
    if name not in SOURCES:
        raise Refused(f"BITCOIN_SOURCE={name!r} is none of {', '.join(SOURCES)}.")
    return SOURCES[name](config, account)


def _core(config: Mapping[str, Any], account: Account) -> ChainSource:
    return Core(
        url=config["url"],
        wallet=config["wallet"],
        network=account.network,
        descriptor=account.descriptor,
        change=account.change_descriptor,
    )


def _esplora(config: Mapping[str, Any], account: Account) -> ChainSource:
    return Esplora(url=config["url"], network=account.network)


def _demo(config: Mapping[str, Any], account: Account) -> ChainSource:
    return DemoChain()


SOURCES: dict[str, Callable[[Mapping[str, Any], Account], ChainSource]] = {
    "core": _core,
    "esplora": _esplora,
    "demo": _demo,
}
