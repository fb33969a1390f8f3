"""Bitcoin, without anyone in between: an address per payment, watched on the operator's own source of truth.

The processor is a value in, value out plug-in like the others. Its far end is the chain (`ChainSource`), its
memory the book of invoices (`Book`): both come from outside, so it touches no row itself. A payment's
`processor_ref` is its address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from fx.money import Money
from marketplace.lib.clock import now
from payments.chain.addresses import DEMO_TPUB, Account, is_address
from payments.chain.book import DatabaseBook, chain_of
from payments.chain.core import Core
from payments.chain.demo import DemoChain
from payments.chain.esplora import Esplora
from payments.chain.invoice import LEAST_SAT, Book, Invoice, Verdict, judge
from payments.chain.source import ChainSource, Sight, look
from payments.processors.base import BadSignature, Can, Outcome, Processor, Refused, Update


class Bitcoin(Processor):
    """Config: `xpub`, `network` (main, test, signet, regtest), `source` (core, esplora, demo), `url`, `wallet`;
    optional `first_index`, below which no address is given out."""

    slug: ClassVar[str] = "bitcoin"
    label: ClassVar[str] = "Bitcoin"
    can: ClassVar[Can] = Can.POLL | Can.CANCEL

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        book: Book | None = None,
        source: ChainSource | None = None,
    ) -> None:
        super().__init__(config)
        self.account = account_from(config)
        self.chain = chain_of(self.account.network)
        self.book: Book = book or DatabaseBook(self.account, first=config.get("first_index", 0))
        self.source: ChainSource = source or source_from(config, self.account)

    def pay_currency(self, currency: str) -> str:
        return "BTC"

    def accepts(self, money: Money, country: str) -> bool:
        return money.currency != "BTC" or money.amount >= LEAST_SAT

    def accepts_destination(self, destination: str) -> bool:
        return is_address(destination, self.account.network)

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        invoice = self._open(ref)
        if invoice.due != money:
            raise Refused(f"Payment {ref} asks for {invoice.due}, the call for {money}.")
        self.source.prepare(invoice.index)  # before anybody sees the address
        client = {"address": invoice.address, "uri": invoice.uri}
        return Update("payment", invoice.address, Outcome.ACTION, Money(0, "BTC"), key=key, client=client)

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        """By address only: a create that may not have happened is simply repeated and finds the same address."""
        return next(self.poll([ref]), None) if ref and kind == "payment" else None

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature("Bitcoin sends no webhooks: nobody can sign for a chain.")

    def cancel(self, key: str, ref: str) -> Update:
        """Canceled only when no coin was seen; else what the coins mean, too few of them as expired."""
        [invoice] = self._invoices([ref])
        verdict = self.judge(invoice, self.look([invoice]))
        outcome = verdict.outcome
        if outcome in {Outcome.ACTION, Outcome.PARTIAL, Outcome.EXPIRED}:
            outcome = Outcome.EXPIRED if verdict.seen else Outcome.CANCELED
        return Update("payment", ref, outcome, verdict.deep, key=key)

    def poll(self, open_refs: Iterable[str]) -> Iterator[Update]:
        invoices = self._invoices(list(open_refs))
        sight = self.look(invoices)
        for invoice in invoices:
            verdict = self.judge(invoice, sight)
            yield Update("payment", invoice.address, verdict.outcome, verdict.deep)

    def look(self, invoices: Collection[Invoice]) -> Sight:
        """The present receipts of all `invoices`, read at one tip."""
        self.source.prepare(max((invoice.index for invoice in invoices), default=0))
        since = min((invoice.born_height for invoice in invoices), default=0)
        return look(self.source, {invoice.address for invoice in invoices}, since=since)

    def judge(self, invoice: Invoice, sight: Sight) -> Verdict:
        return judge(invoice, sight.of(invoice.address), sight.tip, now())

    def _open(self, ref: str) -> Invoice:
        height = self.source.tip().height
        try:
            return self.book.open(ref, height=height)
        except LookupError as error:
            raise Refused(str(error)) from error

    def _invoices(self, refs: Sequence[str]) -> list[Invoice]:
        invoices = self.book.at(refs)
        missing = set(refs) - {invoice.address for invoice in invoices}
        if missing:
            raise Refused(f"No payment has the address {', '.join(sorted(missing))} on {self.chain}.")
        return invoices


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
