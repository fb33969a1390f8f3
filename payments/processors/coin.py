"""What payments in coin have in common: an address per payment, watched on the operator's own source of truth.

Values in, values out, like every plug-in. The far end is a chain (`ChainSource`), the memory the book of invoices
(`Book`): both come from outside, so no row is touched here. A payment's `processor_ref` is its address.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from fx.money import Money
from marketplace.lib.clock import now
from payments.chain.invoice import Book, Invoice, Verdict, judge
from payments.chain.record import Recording, movements
from payments.chain.source import ChainSource, Sight, look
from payments.processors.base import BadSignature, Can, Movement, Outcome, Processor, Refused, Update


class Coin(Processor):
    """Payments in `currency` on `chain`. Below `least` minor units the tolerance would be too much of a payment."""

    currency: ClassVar[str]
    least: ClassVar[int]
    can: ClassVar[Can] = Can.POLL | Can.CANCEL
    record_lags: ClassVar[dt.timedelta] = dt.timedelta(hours=6)  # six blocks of Bitcoin can take so long
    chain: str
    book: Book
    source: ChainSource

    @abstractmethod
    def uri(self, address: str, amount: Money) -> str:
        """What a wallet opens and a QR code shows."""

    @property
    def place(self) -> Mapping[str, Any]:
        """Where else the coin has to be sent to than the address says, for the browser and the API."""
        return {}

    @property
    def by_depth(self) -> bool:
        """Whether depth alone makes a block final, or the chain itself says which one is."""
        return True

    @property
    def play(self) -> bool:
        """Whether its coins are worth nothing."""
        return False

    def __init__(self, config: Mapping[str, Any], *, book: Book, source: ChainSource) -> None:
        super().__init__(config)
        self.book, self.source = book, source

    def pay_currency(self, currency: str) -> str:
        return self.currency

    def accepts(self, money: Money, country: str) -> bool:
        return money.currency != self.currency or money.amount >= self.least

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        invoice = self._open(ref)
        if invoice.due != money:
            raise Refused(f"Payment {ref} asks for {invoice.due}, the call for {money}.")
        self.source.prepare(invoice.index)  # before anybody sees the address
        client = {"address": invoice.address, "uri": self.uri(invoice.address, invoice.due), **self.place}
        return Update("payment", invoice.address, Outcome.ACTION, Money(0, self.currency), key=key, client=client)

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        """By address only: a create that may not have happened is simply repeated and finds the same address."""
        return next(self.poll([ref]), None) if ref and kind == "payment" else None

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        raise BadSignature(f"{self.slug} sends no webhooks: nobody can sign for a chain.")

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

    @property
    def keeps_record(self) -> bool:
        """Where the source sees all our coins at once."""
        return isinstance(self.source, Recording)

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """What is final on the chain: what came by address, what was sent by transaction, with the network's fee."""
        for flow in self._record().flows(self.book.given(), since=since):
            yield from movements(flow, self.currency)

    def holds(self) -> list[Money] | None:
        """The coins on all our addresses, as far as they are final."""
        minor = self._record().holding(self.book.given())
        return None if minor is None else [Money(minor, self.currency)]

    def _record(self) -> Recording:
        if not isinstance(self.source, Recording):
            raise Refused(f"{self.slug} keeps no record with this source.")
        self.source.prepare(0)
        return self.source

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
