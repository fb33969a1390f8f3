"""What must be true after it all, said as a list of what is not: by what people were told, and by what Stripe, the
chain and the bank wrote down themselves.

A loss: something that was acknowledged, or paid, is not there. A double: something happened twice. All else that
does not fit together is wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fx.money import Money
from payments.doubles.stripe.store import Obj, Store
from tests.chaos.bank import Bank
from tests.chaos.buyers import Bought
from tests.chaos.finance import Finance, back_at
from tests.chaos.world import PLENTY, RARE

ENDS = {"captured": "paid", "canceled": "canceled"}  # what an order is when nobody went on with it


@dataclass(frozen=True)
class Finding:
    kind: str  # loss, double, wrong
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


def loss(text: str) -> Finding:
    return Finding("loss", text)


def double(text: str) -> Finding:
    return Finding("double", text)


def wrong(text: str) -> Finding:
    return Finding("wrong", text)


def times(found: int, wanted: int, text: str) -> Iterator[Finding]:
    """A finding when something happened another number of times than it should."""
    if found != wanted:
        yield (double if found > wanted else loss)(f"{text}: {found} times, not {wanted}")


@dataclass(frozen=True)
class Outside:
    """Their own records. `intents`, `charges`, `refunds`, `disputes` of Stripe by our payment's id, `sent` by payout,
    what it `owed` us at last, and what it `settled` by its name; satoshi by address; what the bank `received` by
    reference, its `transfers`."""

    intents: dict[str, list[Obj]]
    charges: dict[str, list[Obj]]
    refunds: dict[str, list[Obj]]
    disputes: dict[str, list[Obj]]
    sent: dict[str, list[Obj]]
    accounts: int
    owed: int
    settled: dict[str, int]
    coins: dict[str, int]
    received: dict[str, list[Money]]
    transfers: Counter[str]

    @classmethod
    def of(cls, store: Store, coins: dict[str, int], bank: Bank) -> Outside:
        intents: defaultdict[str, list[Obj]] = defaultdict(list)
        charges: defaultdict[str, list[Obj]] = defaultdict(list)
        refunds: defaultdict[str, list[Obj]] = defaultdict(list)
        disputes: defaultdict[str, list[Obj]] = defaultdict(list)
        sent: defaultdict[str, list[Obj]] = defaultdict(list)
        owner = {intent["id"]: intent["metadata"]["payment"] for intent in store.every("payment_intent")}
        for intent in store.every("payment_intent"):
            intents[owner[intent["id"]]].append(intent)
        for charge in store.every("charge", captured=True):
            charges[owner[charge["payment_intent"]]].append(charge)
        for refund in store.every("refund"):
            refunds[owner[refund["payment_intent"]]].append(refund)
        for dispute in store.every("dispute"):
            disputes[owner[dispute["payment_intent"]]].append(dispute)
        for transfer in store.every("transfer"):
            sent[transfer["metadata"]["payout"]].append(transfer)
        accounts = len(store.every("account"))
        owed = sum(line["net"] for line in store.every("balance_transaction", currency="eur"))
        settled = {paid["id"]: paid["amount"] for paid in store.every("payout", currency="eur")}
        of_stripe = (dict(intents), dict(charges), dict(refunds), dict(disputes), dict(sent), accounts, owed, settled)
        return cls(*of_stripe, coins, bank.received, bank.transfers())

    @property
    def effects(self) -> int:
        """Every time that money really moved: charges, refunds, disputes, coins, transfers by Stripe and by banks."""
        by_stripe = [*self.charges.values(), *self.refunds.values(), *self.disputes.values(), *self.sent.values()]
        by_banks = sum(map(len, self.received.values())) + self.transfers.total()
        return sum(map(len, by_stripe)) + by_banks + len(self.coins)


def judge(books: dict[str, Any], outside: Outside, story: Sequence[Bought], finance: Finance | None) -> list[Finding]:
    """Every finding is a broken promise."""
    return [
        *_acknowledged(books, story),
        *_lives(books, story),
        *_cards(books["payments"], outside),
        *_coins(books["payments"], outside),
        *_by_transfer(books["payments"], outside),
        *_refunds(books["payments"], outside),
        *_disputes(books, outside),
        *(_payouts(books["payouts"], outside, finance) if finance else ()),
        *_settled(books, outside),
        *_clearing(books, outside),
        *_stock(books["stock"]),
        *(wrong(f"operation {key} waits as {state}: {error}") for key, state, error in books["operations"]),
        *(wrong(f"webhook {event} waits: {error}") for event, error in books["inbox"]),
    ]


def _acknowledged(books: dict[str, Any], story: Sequence[Bought]) -> Iterator[Finding]:
    """Every order that a buyer was told of is there, in the state they were told, and no other."""
    known = {about["token"]: about for about in books["payments"].values()}
    for bought in story:
        if not bought.token:
            continue
        about = known.pop(bought.token, None)
        if about is None or list(about["orders"]) != bought.orders:
            yield loss(f"{bought} is not there: {about}")
        elif about["state"] != bought.told:
            yield loss(f"{bought} is not what the buyer was told: {about}")
        else:
            told = bought.life.told if bought.life else []
            ends = told[-1].what if told else ENDS[bought.told]
            if set(about["orders"].values()) != {ends}:
                yield loss(f"{bought} did not end as {ends}: {about}")
    for about in known.values():
        yield double(f"nobody was told of {about}")


def _lives(books: dict[str, Any], story: Sequence[Bought]) -> Iterator[Finding]:
    """Every step that somebody was told of was taken, once; every refund that was asked for is one refund."""
    for number, steps in books["steps"].items():
        for step, count in Counter(steps).items():
            if count > 1:
                yield double(f"order {number} became {step} {count} times")
    asked: Counter[str] = Counter()
    for life in (bought.life for bought in story if bought.life):
        for told in life.told:
            if told.what not in books["steps"].get(told.about, ()):
                yield loss(f"order {told.about} never became {told.what}, as somebody was told")
        asked[life.number] = life.refunds
    there = Counter(refund["ref"] for about in books["payments"].values() for refund in about["refunds"])
    for number in asked | there:
        yield from times(there[number], asked[number], f"order {number} was refunded")


def _cards(payments: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """One charge of the right amount per paid order, none for any other, one payment asked for once."""
    for name in outside.intents.keys() - payments.keys():
        yield double(f"Stripe knows a payment {name} that the site does not")
    for name, about in payments.items():
        if about["processor"] != "stripe":
            continue
        asked, charged = outside.intents.get(name, []), outside.charges.get(name, [])
        if [intent["id"] for intent in asked] != [about["reference"]]:
            yield double(f"payment {name} was asked for {len(asked)} times: {about}")
        yield from times(len(charged), int(about["state"] == "captured"), f"payment {name} was charged")
        if any(charge["amount_captured"] != about["minor"] for charge in charged):
            yield wrong(f"payment {name} was charged another amount: {charged}")


def _coins(payments: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """What the buyers sent is what was received, for the payment whose address it is."""
    sent = dict(outside.coins)
    for name, about in payments.items():
        if about["processor"] != "bitcoin":
            continue
        came = sent.pop(about["reference"], 0)
        if came != about["received"] or bool(came) != (about["state"] == "captured"):
            yield loss(f"payment {name} was sent {came} satoshi: {about}")
    for address, came in sent.items():
        yield loss(f"{came} satoshi went to {address}, which is no payment's")


def _refunds(payments: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """Each refund of a card is one refund at Stripe, of that amount; Stripe made no other."""
    for name, about in payments.items():
        if about["processor"] != "stripe":
            continue
        made = Counter((given["metadata"]["key"], given["amount"]) for given in outside.refunds.get(name, []))
        ours = Counter((refund["key"], refund["minor"]) for refund in about["refunds"] if not refund["by_bank"])
        for key in made | ours:
            yield from times(made[key], ours[key], f"refund {key} of payment {name} was made")


def _by_transfer(payments: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """What the bank received with a reference is what the payment received; nothing came with any other."""
    came = dict(outside.received)
    for name, about in payments.items():
        if about["processor"] != "transfer":
            continue
        minor = sum(money.amount for money in came.pop(about["reference"], []))
        if minor != about["received"] or bool(minor) != (about["state"] == "captured"):
            yield loss(f"payment {name} was transferred {minor}: {about}")
    for reference in came:
        yield loss(f"a transfer with {reference}, which is no payment's")


def _disputes(books: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """What a buyer's bank decided is what became of the payment: one refund that it made, or none."""
    ours = dict(books["chargebacks"])
    for name, disputes in outside.disputes.items():
        lost = sum(dispute["status"] == "lost" for dispute in disputes)
        taken = [refund for refund in books["payments"][name]["refunds"] if refund["by_bank"]]
        yield from times(len(taken), lost, f"payment {name} was taken by a bank")
        for dispute in disputes:
            if ours.pop(dispute["id"], None) != {"payment": name, "state": dispute["status"], "settled": True}:
                yield wrong(f"dispute {dispute['id']} is {dispute['status']}: {books['chargebacks']}")
    for name in ours:
        yield double(f"Stripe knows no dispute {name}")


def _payouts(payouts: dict[str, Any], outside: Outside, finance: Finance) -> Iterator[Finding]:
    """Every payout that was sent is one transfer of its amount, by the bank or by Stripe; none went back a step."""
    yield from times(outside.accounts, 1, "an account at Stripe was opened")
    for name, told in finance.told.items():
        state = payouts[name]["state"] if name in payouts else "gone"
        if state == "gone" or back_at(state, told):
            yield loss(f"payout {name} is {state}, its seller was told {told}")
    for name, about in payouts.items():
        by_bank = outside.transfers[name.replace("-", "")]
        by_stripe = outside.sent.get(name, [])
        yield from times(by_bank + len(by_stripe), int(about["state"] in {"sent", "paid"}), f"payout {name} was paid")
        if about["by"] == "stripe" and (by_bank or about["state"] == "sent"):
            yield wrong(f"payout {name} by Stripe: {about}, and {by_bank} by the bank")
        for transfer in by_stripe:
            if Money(transfer["amount"], "EUR") != Money.parse(about["amount"], "EUR"):
                yield wrong(f"payout {name} of {about['amount']} was sent as {transfer['amount']}")
    amounts = {key: amount for message in finance.bank.messages.values() for key, amount in message.items()}
    for name, about in payouts.items():
        paid = amounts.get(name.replace("-", ""))
        if paid is not None and Decimal(paid) != Decimal(about["amount"]):
            yield wrong(f"payout {name} of {about['amount']} was paid with {paid}")


def _settled(books: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """What Stripe paid to our bank is in the books, or waits for a person: its news came when less was owed."""
    if books["settlements"].keys() - outside.settled.keys():
        yield double(f"Stripe knows not all of these settlements: {books['settlements']}")
    for name, minor in outside.settled.items():
        if books["settlements"].get(name, minor if name in books["cases"] else 0) != minor:
            yield loss(f"settlement {name} of {minor} is not there: {books['settlements']}")


def _clearing(books: dict[str, Any], outside: Outside) -> Iterator[Finding]:
    """What each processor owes us by its own record, to the cent: charges, fees, refunds, disputes, transfers,
    settlements but for those that wait. Coins stay where they came to; a transfer is at the bank when it is known."""
    wait = sum(minor for name, minor in outside.settled.items() if name not in books["settlements"])
    theirs = {"stripe": outside.owed + wait, "bitcoin": sum(outside.coins.values()), "transfer": 0}
    for slug, minor in books["clearing"].items():
        if theirs[slug] != minor:
            yield wrong(f"{slug} owes {theirs[slug]} by its own record and {minor} by the books")


def _stock(stock: dict[str, dict[str, int]]) -> Iterator[Finding]:
    for listing, about in stock.items():
        had = RARE if about["rare"] else PLENTY
        if about["left"] + about["gone"] != had or about["left"] < 0:
            yield wrong(f"listing {listing} had {had} pieces: {about}")
