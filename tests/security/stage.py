"""Everybody and everything that can be asked for: two sellers, a buyer, strangers, staff, an order in every state.

Every private text says who may read it: `canary-bob-…` is Bob's, `canary-both-…` is between Alice and Bob.
"""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from PIL import Image
from rest_framework.authtoken.models import Token

from fx.models import DailyRate, RateSet, Window, WindowNet, WindowTrade
from fx.money import Money
from fx.services import refresh_rates
from listings.models import Listing, Photo, Shop
from listings.services import add_photo, create_listing, set_number, submit_listing
from marketplace import legal, suspension
from marketplace.lib.clock import now, today
from marketplace.models import LegalText, User
from marketplace.roles import give_roles
from orders import rerouting, services, work
from orders.checkout.placing import place_order
from orders.checkout.starting import start
from orders.disputes import life as disputing
from orders.disputes import messages
from orders.invoices.issuing import issue
from orders.invoices.opening import open_invoices
from orders.models import Checkout, Order
from orders.returns import life as returns
from payments.bankin import receive_message
from payments.bankin.demo import Told, statement
from payments.cases import open_case
from payments.chargebacks import answering
from payments.chargebacks import news as chargebacks
from payments.invoices.profiles import Stated, set_profile
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import (
    AuditFinding,
    AuditRun,
    BankFile,
    BankLine,
    Case,
    CoinSending,
    Drawing,
    Freeze,
    Operation,
    Payout,
    ReconItem,
    ReconRun,
    StatementLine,
)
from payments.payouts.freezing import freeze
from payments.payouts.life import (
    approve_payout,
    make_bank_file,
    record_fill,
    record_settlement,
    request_payout,
    set_payout_method,
)
from payments.payouts.methods import add_payout_method
from payments.payouts.schedules import set_plan
from payments.processors.base import Claim, Outcome, Update
from tests.conftest import make_user
from tests.doubles import StripeDouble
from tests.orders.world import BERLIN, buyer, make_listing, make_shop, pay_by_card, quotes
from tests.registered import registered

WALLET = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"
CARMENS = "bcrt1qghvx7p5rkcl4354pfe0lrdygv3d0lttm88sjj7"
STREET = "12 Canary Bazaar"
ACCOUNT = "918273645546"  # Alice's at her bank
ADDRESS = BERLIN | {
    "name": "canary-both-recipient",
    "company_name": "canary-both-company",
    "street_address": "canary-both-street 1",
}


@dataclass
class Stage:
    """Who is there, and what there is."""

    people: dict[str, User]
    double: StripeDouble
    shop: Shop
    scarf: Listing
    vase: Listing
    draft: Listing
    waiting: Listing
    photo: Photo
    orders: dict[str, Order] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    payout: Payout | None = None
    line: BankLine | None = None
    file: BankFile | None = None
    coins: Payout | None = None
    asked: Payout | None = None
    case: Case | None = None
    difference: ReconItem | None = None
    frozen: Freeze | None = None
    dead: Operation | None = None
    sending: CoinSending | None = None

    def secrets(self) -> dict[str, set[str]]:
        """Texts that are no canaries by themselves, and who may read each."""
        bob = {"bob"}
        found = {ACCOUNT: {"alice"}, WALLET: {"alice"}, CARMENS: {"carmen", "finance", "admin"}}
        found[STREET] = {"alice", "finance", "admin"}
        for checkout in self.checkouts.values():
            found[checkout.token] = bob
            if secret := checkout.payment.client.get("client_secret"):
                found[secret] = bob
        for token in Token.objects.select_related("user"):
            found[token.key] = {name for name, user in self.people.items() if user == token.user}
        return found


def build(double: StripeDouble) -> Stage:
    refresh_rates()
    DailyRate.objects.create(currency="INR", day=today(), per_eur=106)
    people = _people()
    alice, carmen, moderator = people["alice"], people["carmen"], people["moderator"]
    shop = make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    taller = make_shop(carmen, "Taller Ocho", "MX", "Oaxaca", "MXN", "289")
    make_listing(
        make_shop(people["sam"], "Sams Shop", "US", "Boston", "USD", "9"), moderator, "Mug", "20", "691110", 400
    )
    stage = Stage(
        people=people,
        double=double,
        shop=shop,
        scarf=make_listing(shop, moderator, "Indigo and madder scarf", "1900", "621490", 140, stock=50),
        vase=make_listing(taller, moderator, "Salt-glazed vase", "720", "691390", 1200),
        draft=(draft := _draft(shop, "canary-alice-draft")),
        waiting=_draft(shop, "canary-alice-waiting", Money(60, "JPY")),
        photo=add_photo(draft, by=alice, upload=picture(), alt="canary-alice-alt"),
    )
    Listing.objects.filter(pk=stage.draft.pk).update(review_note="canary-alice-note")
    add_photo(stage.waiting, by=alice, upload=picture())
    submit_listing(stage.waiting, by=alice)
    stated = Stated("Alice", STREET, "302003", "Jaipur", "IN", "")
    set_profile(seller=alice, by=alice, stated=stated)
    _trade(stage)
    work.issue_receipts()
    _claim(stage)
    _bank(stage)
    _invoice(stage)
    _drawing(stage)
    people["sam"] = suspension.suspend(people["sam"], by=people["admin"], reason="canary-sam-reason")
    return stage


def _people() -> dict[str, User]:
    people = {
        "alice": make_user("canary-alice@example.com", country="IN", currency="INR", name="canary-alice-name"),
        "bob": make_user("canary-bob@example.com", name="canary-bob-name"),
        "carmen": make_user("canary-carmen@example.com", country="MX", currency="MXN", name="canary-carmen-name"),
        "charlie": make_user("canary-charlie@example.com", country="US", currency="USD", name="canary-charlie-name"),
        "sam": make_user("canary-sam@example.com", country="US", currency="USD", name="canary-sam-name"),
    }
    for name in ("moderator", "finance", "admin"):
        people[name] = make_user(f"stage-{name}@example.com", staff=True)
    give_roles({f"{name}@example.com": user for name, user in people.items()})
    people["bare"] = make_user("bare@example.com")
    User.objects.filter(pk=people["bare"].pk).update(is_staff=True, is_superuser=True)
    for user in people.values():
        Token.objects.create(user=user)
        user.refresh_from_db()
    return people


def _draft(shop: Shop, title: str, *fixed: Money) -> Listing:
    return create_listing(
        shop,
        by=shop.owner,
        title=title,
        description=f"{title}-description",
        price=Money(4200, shop.currency),
        hs_code="621490",
        origin=shop.country,
        weight_g=100,
        stock=3,
        fixed_prices=fixed,
    )


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (220, 200), "teal").save(out, "PNG")
    out.seek(0)
    out.name = "canary-alice-file.png"
    return out


def place(stage: Stage, rail: str = "stripe") -> Checkout:
    """Bob orders a scarf to an address that is between him and Alice."""
    bob = stage.people["bob"]
    quoted = quotes(bob, stage.scarf)[rail]
    texts = [legal.current(LegalText.Kind.TERMS), legal.current(LegalText.Kind.PRIVACY)]
    who = replace(buyer(bob), address=ADDRESS)
    checkout = place_order(quote_id=str(quoted.quote_id), buyer=who, accepted=texts)
    start(checkout)
    return Checkout.objects.select_related("payment").get(pk=checkout.pk)


STATES = (
    "placed", "paid", "shipped", "delivered", "disputed", "answered", "completed", "refunded", "back",
    "asked", "authorized", "sent", "rerouted",
)  # fmt: skip
RETURNS = {"asked": 0, "authorized": 1, "sent": 2, "back": 3}  # how many steps of a return were gone


def _trade(stage: Stage) -> None:
    """One order in each state: Alice sells, Bob buys."""
    for name in STATES:
        checkout = stage.checkouts[name] = place(stage)
        if name != "placed":
            pay_by_card(checkout, stage.double)
        stage.orders[name] = _bring(stage, checkout.orders.get(), name)
    stage.checkouts["coins"] = place(stage, "bitcoin")
    stage.orders["coins"] = stage.checkouts["coins"].orders.get()


def _bring(stage: Stage, order: Order, to: str) -> Order:
    """Through the life of an order as far as the state `to`."""
    alice, bob, number = stage.people["alice"], stage.people["bob"], order.number
    if to == "refunded":
        return services.refund(number, by=stage.people["admin"], why="canary-both-why")
    if to in {"shipped", "delivered", "disputed", "answered", "completed"} | set(RETURNS):
        services.mark_shipped(number, by=alice, carrier="canary-both-carrier", tracking_number="CANARY-BOTH-1")
    if to in {"delivered", "disputed", "answered"} | set(RETURNS):
        services.mark_delivered(number, by=bob, why="canary-both-why")
    if to in {"disputed", "answered"}:
        shots = messages.develop([picture()])
        services.open_dispute(number, by=bob, kind="damaged", reason="canary-both-complaint", shots=shots)
    if to == "answered":
        services.answer_dispute(number, by=alice, answer="canary-both-answer")
        disputing.offer(number, by=alice, back=Money(10_000, "INR"), text="canary-both-offer")
    if to == "completed":
        services.confirm(number, by=bob)
    if to in RETURNS:
        _send_back(order, bob, alice, steps=RETURNS[to])
    if to == "rerouted":
        rerouting.ask(number, by=bob, address=ADDRESS | {"street_address": "canary-both-elsewhere 2"})
    return Order.objects.get(number=number)


def _send_back(order: Order, bob: User, alice: User, *, steps: int) -> None:
    """As far as the moderator's decision, or fewer steps."""
    items = {line.pk: line.quantity for line in order.lines.all()}
    back = returns.ask(order.number, by=bob, items=items, reason="canary-both-back")
    if steps > 0:
        back = returns.authorize(back, by=alice, send_to="canary-both-home", payer="buyer")
    if steps > 1:
        back = returns.send(back, by=bob, carrier="canary-both-carrier", tracking_number="CANARY-BOTH-2")
    if steps > 2:
        returns.contest(back, by=alice, why="canary-both-worn")


def _invoice(stage: Stage) -> None:
    """Alice's invoice about the commission, and a credit note for a part that Bob got back."""
    alice, part, nothing = stage.people["alice"], Money(300, "INR"), Money(0, "INR")
    for invoice in open_invoices(alice.pk, now()):
        issue(invoice.pk)
    number = stage.orders["completed"].number
    refund = services.refund_amount(number, by=alice, why="canary-both-stain", goods=part, shipping=nothing)
    work.attempt(Operation.objects.get(subject=refund.pk).pk)
    assert work.issue_invoices() == 1


def _drawing(stage: Stage) -> None:
    """A withdrawal of the platform's own income that waits for a second person."""
    set_number(stage.shop, by=stage.shop.owner, kind="vat", country="IN", number="27AAPFU0939F1ZV")
    registered("VOEC", by=stage.people["finance"])
    Drawing.objects.create(currency="EUR", amount_minor=100, why="Rent", proposed_by=stage.people["moderator"])


def _claim(stage: Stage) -> None:
    """A buyer's bank asks about an order that is over, and an answer is drafted."""
    payment = stage.checkouts["refunded"].payment
    payment.refresh_from_db()
    nothing, until = Money(0, payment.currency), now() + dt.timedelta(days=7)
    claim = Claim(payment.processor_ref, inquiry=False, reason="general", withdrawn=nothing, moves=0, due_at=until)
    asked = Update("dispute", "du_stage", Outcome.ACTION, payment.amount, claim=claim)
    opened = chargebacks.apply_update(asked, processor="stripe")
    assert opened is not None
    answering.draft(opened.pk, by=stage.people["finance"], pdf=b"%PDF-1.4", pages=1, facts={})


def _bank(stage: Stage) -> None:
    """A payout of Alice's that is with the bank, more that is payable, and a case for finance."""
    alice, finance = stage.people["alice"], stage.people["finance"]
    set_payout_method(
        seller=alice,
        currency="INR",
        by=alice,
        holder="canary-alice-holder",
        town="canary-alice-town",
        country="IN",
        account=ACCOUNT,
        clearing_code="SBIN0001234",
    )
    _post("fund", [(codes.clearing("bank", "INR"), 10_000_000), (codes.fx("INR"), -10_000_000)])
    payout = request_payout(seller=alice, currency="INR", by=alice)
    stage.file = make_bank_file([approve_payout(payout, by=finance)], by=finance)
    stage.payout = Payout.objects.get(pk=payout.pk)
    add_payout_method(seller=alice, currency="INR", by=alice, kind="bitcoin", destination=WALLET)
    _post("dollars", [(codes.fx("USD"), 5000), (codes.seller(alice.pk, "USD"), -5000)])
    set_plan(seller=alice, currency="INR", by=alice, every="week")
    stage.asked = _asked(alice, stage.people["charlie"])
    stage.coins = _coins(stage.people["carmen"], finance)
    _post("settled", [(codes.clearing("stripe", "USD"), 1000), (codes.fx("USD"), -1000)])
    record_settlement(processor="stripe", reference="po_1", amount=Money(1000, "USD"), by=finance)
    record_fill(reference="fill 1", sold=Money(100, "INR"), bought=Money(1, "USD"), by=finance)
    _post("sale", [(codes.fx("INR"), 5000), (codes.seller(alice.pk, "INR"), -5000)])
    window = Window.objects.create(
        pk=stage.draft.pk, coins=False, reason="person", rate_set=RateSet.objects.earliest("pk"), members=0,
        share_percent=50, mode="live",
    )  # fmt: skip
    with connection.cursor() as cursor:  # the next window that is closed must not get this one's number
        cursor.execute("select setval('fx_window_id_seq', greatest(nextval('fx_window_id_seq'), %s))", [window.pk])
    WindowNet.objects.create(
        window=window, currency="INR", inflow_minor=0, outflow_minor=100_000, matched_minor=0, residual_minor=-100_000,
        mid="105", cost_bps=40, saving_minor=0, trade_minor=-957,
    )  # fmt: skip
    WindowTrade.objects.create(window=window, currency="INR", amount_minor=-100_000, provider="manual")
    _post("euros", [(codes.clearing("bank", "EUR"), 1_000_000), (codes.fx("EUR"), -1_000_000)])
    ReconRun.objects.create(
        pk=stage.draft.pk, processor="stripe", counted=1, healed=0, open_items=1, explained_bps=9_000
    )
    StatementLine.objects.create(
        pk=stage.draft.pk, processor="stripe", line="txn", ref="canary-staff-line", kind="refund", currency="EUR",
        amount_minor=5, at=now(),
    )  # fmt: skip
    stage.difference = ReconItem.objects.create(
        processor="stripe", ref="canary-staff-line", kind="missing_here", currency="EUR", ours_minor=0, theirs_minor=5
    )
    stage.case = open_case(Case.Kind.STRANGER, processor="stripe", ref="canary-staff-ref", about="canary-staff-detail")
    opening = balance(codes.clearing("bank", "INR"))
    told = [Told(Money(700, "INR"), "X1", name="canary-staff-name")]
    body = statement(settings.PROCESSORS["bank"]["accounts"]["INR"], opening, told, at=now()).encode()
    stage.line = receive_message(body, by=finance)[0].lines.get()
    audit = AuditRun.objects.create(pk=stage.draft.pk, by=finance, error="canary-staff-audit")
    AuditFinding.objects.create(run=audit, invariant="A05", severity="S1", statement="canary-staff-audit", count=1)
    stage.frozen = freeze(reason="canary-staff-freeze", by=finance)
    waiting = stage.checkouts["placed"].payment
    stage.sending = CoinSending.objects.create(
        processor="bitcoin",
        chain="bitcoin:regtest",
        currency="BTC",
        psbt="cHNidP8=",
        txid="ca" * 32,
        fee_rate=1,
        fee_minor=0,
        change_index=0,
        change_minor=0,
        made_by=finance,
        look_at=None,
    )
    stage.dead = Operation.objects.create(
        kind="cancel",
        processor="stripe",
        key="cancel:dead",
        subject=waiting.pk,
        state="dead",
        error="canary-staff-dead",
    )


def _asked(alice: User, charlie: User) -> Payout:
    """A payout of Alice's to an account that Charlie has named too: somebody has to look."""
    for seller in (charlie, alice):
        add_payout_method(
            seller=seller, currency="USD", by=seller, holder=seller.name, country="US",
            account="000123456", clearing_code="111000025",
        )  # fmt: skip
    return request_payout(seller=alice, currency="USD", by=alice)


def _coins(carmen: User, finance: User) -> Payout:
    """A payout in Bitcoin that somebody has to send."""
    add_payout_method(seller=carmen, currency="MXN", by=carmen, kind="bitcoin", destination=CARMENS)
    _post("coins", [(codes.clearing("bitcoin", "BTC"), 10_000_000), (codes.fx("BTC"), -10_000_000)])
    _post("sold", [(codes.fx("MXN"), 5000), (codes.seller(carmen.pk, "MXN"), -5000)])
    return approve_payout(request_payout(seller=carmen, currency="MXN", by=carmen), by=finance)


def _post(key: str, legs: list[tuple[codes.Code, int]]) -> None:
    post(f"test:{key}", "test", "", legs)


def content_type(stage: Stage) -> int:
    return ContentType.objects.get_for_model(Listing).pk


def nobody() -> UUID:
    return UUID(int=1)
