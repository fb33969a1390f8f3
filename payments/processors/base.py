"""What a payment processor is to us. A plug-in never touches the database or the ledger: values in, values out.

Every call may come twice: `key` is our idempotency key and the same key has one effect. A call ends in an `Update`
or in one of four errors: `Declined` and `Refused` are final, `Unavailable` is surely not done, `Unknown` may be done.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Flag, StrEnum, auto
from typing import Any, ClassVar

from fx.money import Money

API = 1


class Outcome(StrEnum):
    """Of the money, as the processor sees it now."""

    PENDING = "pending"
    ACTION = "action"  # the buyer has to do something: 3-D Secure, send coins
    SEEN = "seen"  # enough coin arrived, not yet confirmed
    PARTIAL = "partial"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Can(Flag):
    NOTHING = 0
    CAPTURE = auto()
    CANCEL = auto()
    REFUND = auto()
    PARTIAL_REFUND = auto()
    PAYOUT = auto()
    STATEMENT = auto()
    POLL = auto()
    WEBHOOK = auto()
    VERIFY = auto()  # look up what a person sent by hand
    EVIDENCE = auto()  # it takes our side of a chargeback, and our word that we accept it


@dataclass(frozen=True, slots=True)
class Claim:
    """What the buyer's bank asks back of a payment; an `Update` of kind dispute carries it.

    `payment` is the processor's id of the payment; `inquiry`: the bank only asks so far. `withdrawn` is what is taken
    from us now, in the payment's currency, and `moves` how often that changed: old news is known by it. `fee` is what
    the processor keeps for it by now, in any currency. `due_at`: until then it takes evidence; `submitted`: it has it.
    """

    payment: str
    inquiry: bool
    reason: str
    withdrawn: Money
    moves: int
    fee: Money | None = None
    due_at: dt.datetime | None = None
    submitted: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Our side of a chargeback: one document and what the bank's form asks for, under the names of `FACTS`."""

    pdf: bytes
    facts: Mapping[str, str]


FACTS = (
    "product", "buyer_name", "buyer_email", "buyer_ip", "billing_address", "shipping_address", "carrier",
    "tracking_number", "shipped_on", "delivered_on", "terms_shown", "why_no_refund", "account",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Update:
    """The only thing a processor ever returns.

    `kind`: payment, refund, payout, settlement or dispute; `ref` the processor's id; `amount` what is confirmed so far,
    `fee` what the processor kept of it, both in the payment's currency; `key` our idempotency key when it echoes it;
    `client` what the browser needs; `message` what the buyer may read when it failed; `claim` what a dispute is about.
    """

    kind: str
    ref: str
    outcome: Outcome
    amount: Money | None = None
    fee: Money | None = None
    key: str | None = None
    event_id: str | None = None
    occurred_at: dt.datetime | None = None
    message: str = ""
    client: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a processor's own record; signs as in its balance.

    `kind`: charge, refund, dispute, payout (to our bank), transfer (to a seller), fee (of its own, about no payment),
    sent (by a person: a refund, a payout or more of them), or adjustment: what nobody should guess. `origin` is what
    `amount` was before the processor itself exchanged it.
    """

    ref: str
    kind: str
    amount: Money
    fee: Money
    at: dt.datetime
    line: str = ""  # the processor's own id of the line, where it has one
    origin: Money | None = None
    rate: str = ""  # as the processor says it, to look at
    category: str = ""  # the processor's own word for it
    bound: str = ""  # our payment's id, where the processor kept it with the money


class ProcessorError(Exception):
    """The message names the thing, the value and the way out."""


class Declined(ProcessorError):
    """Final; the buyer reads the message."""


class Refused(ProcessorError):
    """Final; our request was wrong and the operator has to look."""


class Unavailable(ProcessorError):
    """Surely not done: try later with the same key."""


class Unknown(ProcessorError):
    """May be done: never repeat blindly, fetch first."""


class BadSignature(ProcessorError):
    """A webhook that is not provably from the processor."""


class Processor(ABC):
    """One provider, configured by one entry of `settings.PROCESSORS`."""

    slug: ClassVar[str]
    label: ClassVar[str]  # what buyers read; marked for translation
    can: ClassVar[Can]
    takes_payments: ClassVar[bool] = True
    dust: ClassVar[int] = 0  # fewer minor units of its coin are not sent
    record_lags: ClassVar[dt.timedelta] = dt.timedelta(hours=1)  # so much later it may show what we have
    api: ClassVar[int] = API  # a plug-in of a third party writes the number it was made for

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config

    @property
    def csp(self) -> Mapping[str, Sequence[str]]:
        """Sources that the page with this way to pay adds to the content policy."""
        return {}

    def pay_currency(self, currency: str) -> str:
        """The money a buyer sends for an order in `currency`: the same, or the processor's coin."""
        return currency

    def accepts(self, money: Money, country: str) -> bool:
        """Whether a buyer in `country` could pay `money` this way. Cheap and offline."""
        return True

    def fee(self, money: Money, country: str) -> Money:
        """A plug-in's own estimate of what it keeps of `money`, in its currency, rounded up.

        Only where no `FeeRow` of it was ever recorded: the operator's dated price list goes first.
        """
        return Money(0, money.currency)

    @property
    def lifetime(self) -> dt.timedelta | None:
        """How long a quote has to hold for it, when that is longer than others do: then no exchange is locked in it."""
        return None

    @property
    def refund_window_hours(self) -> int:
        """For how long after the capture a buyer may have the coins themselves back; 0: their value only."""
        return int(self.config.get("refund_window_hours", 0))

    @property
    def note(self) -> str:
        """What a buyer should know before choosing it; for people."""
        return ""

    @property
    def destination_label(self) -> str:
        """What a buyer is asked for where a refund needs a destination; for people."""
        return ""

    def accepts_destination(self, destination: str) -> bool:
        """Whether a refund could go to `destination`, where one is needed: a coin's address. Offline."""
        return True

    def instructions(self, money: Money, destination: str) -> Mapping[str, str]:
        """How a person sends `money` to `destination` from a wallet outside: names, for people, and values to copy."""
        return {}

    @abstractmethod
    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        """Ask for `money`. `ref` is our payment's id and is bound to the processor's object."""

    @abstractmethod
    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        """The truth about an object by its `ref`, or by our `key`; None when it never arrived."""

    @abstractmethod
    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        """Verify and translate; BadSignature on anything that is not provably the processor's. Never trusts state."""

    def capture(self, key: str, ref: str, money: Money) -> Update:
        raise Refused(f"{self.slug} cannot capture: it collects at once.")

    def cancel(self, key: str, ref: str) -> Update:
        raise Refused(f"{self.slug} cannot cancel {ref}.")

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        raise Refused(f"{self.slug} cannot refund {ref}: a person has to send {money}.")

    def pays_out(self, country: str, currency: str) -> bool:
        """Whether `payout` could reach somebody in `country` who is owed `currency`. Cheap and offline."""
        return False

    def open_payee(self, key: str, *, ref: str, email: str, country: str) -> str:
        """What `payout` takes as the destination of the user `ref`: an account with the processor, opened for them."""
        raise Refused(f"{self.slug} opens no accounts for sellers.")

    def payee_page(self, destination: str, *, back: str) -> str:
        """The processor's own page where the payee says who they are; from there they go `back`."""
        raise Refused(f"{self.slug} has no page for {destination}.")

    def payee_ready(self, destination: str) -> bool:
        """Whether a payout to `destination` is possible now."""
        raise Refused(f"{self.slug} pays nobody out by itself.")

    def payout(self, key: str, money: Money, *, destination: str, ref: str) -> Update:
        """Send `money` to `destination`. `ref` is our payout's id. Needed with Can.PAYOUT, unless it is by file."""
        raise Refused(f"{self.slug} cannot pay out {money}: a person has to send it.")

    def verify_sent(
        self, reference: str, money: Money, *, destination: str, since: dt.datetime, kind: str = "refund"
    ) -> Update | None:
        """Whether `reference`, which a person made outside of us, sent `money` to `destination`, not before `since`.

        SUCCEEDED when it is final, PENDING while it is not, FAILED with the reason when it is not what it should be;
        None while nothing is known of it. The update's `ref` is the reference as everybody writes it.
        """
        raise Refused(f"{self.slug} cannot look up {reference}.")

    def submit_evidence(self, key: str, ref: str, evidence: Evidence) -> Update:
        """Send our side of the chargeback `ref`, once and for all; the same key sends it once.

        `fetch` of it says afterwards that it was `submitted`, and with our key where the processor keeps one.
        """
        raise Refused(f"{self.slug} takes no evidence: a person has to answer {ref}.")

    def concede(self, key: str, ref: str) -> Update:
        """Say that we accept the chargeback `ref`: it is lost then."""
        raise Refused(f"{self.slug} cannot accept {ref}: a person has to.")

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        raise Refused(f"{self.slug} has no statement.")

    @property
    def keeps_record(self) -> bool:
        """Whether `statement` can be read now. Can.STATEMENT says that it shows at once whatever the processor did."""
        return Can.STATEMENT in self.can

    def holds(self) -> Sequence[Money] | None:
        """What it says that it holds for us, by currency, apart from its lines; None when it does not say.

        Only what `statement` would show too: nothing that may still be undone.
        """
        return None

    def poll(self, open_refs: Iterable[str]) -> Iterator[Update]:
        """News of objects that have no webhooks, such as addresses on a chain."""
        return iter(())
