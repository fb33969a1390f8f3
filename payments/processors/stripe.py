"""Cards by Stripe: one PaymentIntent per payment, or Stripe's own page for buyers without scripts.

Moving to Checkout replaces the payment's first intent by the page's own. To the rest of the product
the first intent stays the payment's `ref`: its metadata names the page, the page's names it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import stripe
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_noop as _

from fx.money import Money
from marketplace.lib.clock import now
from payments.processors import stripe_connect as connect
from payments.processors import stripe_disputes as disputes
from payments.processors import stripe_events as events
from payments.processors.base import (
    Can,
    Evidence,
    Movement,
    Outcome,
    Processor,
    Refused,
    Unavailable,
    Unknown,
    Update,
)
from payments.processors.stripe_amounts import from_wire, payable, to_wire
from payments.processors.stripe_client import ANSWER_SECONDS, RETRIES, Line, code_of, key_is_used, replayed, translated
from payments.processors.stripe_page import open_page
from payments.processors.stripe_statement import movement

# What the page with the card form adds to the content policy; see `Stripe.csp`.
CSP_SOURCES: dict[str, tuple[str, ...]] = {
    "script-src": ("https://js.stripe.com", "https://*.js.stripe.com"),
    "frame-src": ("https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"),
    "connect-src": ("https://api.stripe.com",),
    "form-action": ("https://checkout.stripe.com",),
}
EXPANDED = ["latest_charge.balance_transaction"]
KEY_KEPT = dt.timedelta(hours=25)  # how far back a lost answer is looked for
OPEN = {"requires_payment_method", "requires_confirmation", "requires_action"}
FINAL = {Outcome.SUCCEEDED, Outcome.AUTHORIZED, Outcome.CANCELED, Outcome.EXPIRED}


class Stripe(Processor):
    """Config: `secret_key`, `publishable_key`, `webhook_secret`; optional `api_base` (the demo's
    double), `account`, `manual_capture`, `timeout` in seconds, `retries`, `settlement_currencies`, `country` of the
    platform's account, without which nothing is transferred to sellers.
    """

    slug: ClassVar[str] = "stripe"
    label: ClassVar[str] = _("Card")
    can: ClassVar[Can] = (
        Can.CAPTURE
        | Can.CANCEL
        | Can.REFUND
        | Can.PARTIAL_REFUND
        | Can.STATEMENT
        | Can.WEBHOOK
        | Can.EVIDENCE
        | Can.PAYOUT
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        for name in ("secret_key", "publishable_key", "webhook_secret"):
            if not str(config.get(name) or "").strip():
                raise ImproperlyConfigured(f"Stripe's {name} is empty. Set STRIPE_{name.upper()}.")
        self.api_base = str(config.get("api_base") or "").rstrip("/")
        self.live = str(config["secret_key"]).startswith(("sk_live_", "rk_live_"))
        if self.api_base and self.live:
            raise ImproperlyConfigured("STRIPE_API_BASE with a live key would leak it. Unset one.")
        self.line = Line(seconds=float(config.get("timeout", ANSWER_SECONDS)), loopback=bool(self.api_base))
        self.client = stripe.StripeClient(
            config["secret_key"],
            http_client=self.line,
            max_network_retries=int(config.get("retries", RETRIES)),
            base_addresses={"api": self.api_base, "files": self.api_base} if self.api_base else {},
        )

    @property
    def csp(self) -> dict[str, tuple[str, ...]]:
        """The sources that the pay page adds to its policy; in the demo only the double's pages."""
        return {"form-action": (self.api_base,)} if self.api_base else CSP_SOURCES

    def accepts(self, money: Money, country: str) -> bool:
        return payable(money)

    # --- paying ----------------------------------------------------------------------------------

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        """Stripe's intents do not expire: whoever calls cancels at `expires_at`."""
        try:
            return self._create(key, key, money, ref)
        except Unknown as error:
            if not replayed(error):
                raise
        # A 500 that Stripe saved comes back for ever. An intent nobody saw moves no money: another
        # try under another key is safe once this one's is proven absent.
        return self.fetch(None, key=key) or self._create(f"{key}:again", key, money, ref)

    def _create(self, wire_key: str, key: str, money: Money, ref: str) -> Update:
        with translated(self.line, f"ask for {money} of payment {ref}"):
            intent = self.client.v1.payment_intents.create(
                {
                    "amount": to_wire(money),
                    "currency": money.currency.lower(),
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"},
                    "capture_method": "manual" if self.config.get("manual_capture") else "automatic",
                    "metadata": {"payment": ref, "key": key},
                    "description": f"Payment {ref}",
                },
                {"idempotency_key": wire_key},
            )
        return self._payment(intent.to_dict())

    def _payment(self, intent: Mapping[str, Any], **client: str) -> Update:
        update = events.payment(intent)
        browser = {
            "intent": update.ref,
            "publishable_key": self.config["publishable_key"],
            "client_secret": intent["client_secret"],
        }
        return replace(update, client={**browser, **client})

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        """By `ref`, or by our `key` in the metadata of the last 25 hours' objects.

        By key it lists instead of searching: Stripe's search lags behind by a minute or more, and
        "not found" has to be the truth here.
        """
        if ref is None:
            return self._by_key(kind, key or "")
        try:
            with translated(self.line, f"show {kind} {ref}", reading=True):
                return self._shown(kind, ref)
        except Refused as error:
            if code_of(error) == "resource_missing":
                return None
            raise

    def _shown(self, kind: str, ref: str) -> Update:
        if kind == "payment":
            return self._followed(ref)
        if kind == "refund":
            return events.refund(self.client.v1.refunds.retrieve(ref).to_dict())
        if kind == "dispute":
            return disputes.dispute(self.client.v1.disputes.retrieve(ref, {"expand": disputes.EXPANDED}).to_dict())
        if kind == "payout":
            return connect.update(self.client.v1.transfers.retrieve(ref).to_dict())
        if kind == "settlement":
            return events.settlement(self.client.v1.payouts.retrieve(ref).to_dict())
        raise Refused(f"Stripe shows no {kind} ({ref}).")

    def _followed(self, ref: str) -> Update:
        """The payment's intent, or the Checkout page's that took its place."""
        intent = self._intent(ref)
        page = _page_of(intent)
        if page is None:
            return self._payment(intent)
        shown = self._page(page)
        if shown["payment_intent"]:
            return self._payment(shown["payment_intent"], checkout=shown["url"] or "")
        update = events.session(shown)
        return replace(update, client={"intent": ref, "checkout": shown["url"] or ""})

    def _intent(self, ref: str) -> dict[str, Any]:
        return self.client.v1.payment_intents.retrieve(ref, {"expand": EXPANDED}).to_dict()

    def _page(self, name: str) -> dict[str, Any]:
        expand = ["payment_intent." + path for path in EXPANDED]
        return self.client.v1.checkout.sessions.retrieve(name, {"expand": expand}).to_dict()

    def _by_key(self, kind: str, key: str) -> Update | None:
        if kind == "payout":
            with translated(self.line, "list transfers", reading=True):
                return connect.by_key(self.client, key)
        since = int((now() - KEY_KEPT).timestamp())
        with translated(self.line, f"list {kind}s", reading=True):
            if kind == "refund":
                refunds = self.client.v1.refunds.list({"created": {"gte": since}, "limit": 100})
                for given in refunds.auto_paging_iter():
                    if (given.to_dict().get("metadata") or {}).get("key") == key:
                        return events.refund(given.to_dict())
                return None
            listed = self.client.v1.payment_intents.list({"created": {"gte": since}, "limit": 100})
            for intent in listed.auto_paging_iter():
                meta = intent.to_dict().get("metadata") or {}
                if meta.get("key") == key:
                    return self._followed(meta.get("intent") or intent.id)
        return None

    # --- after paying ----------------------------------------------------------------------------

    def capture(self, key: str, ref: str, money: Money) -> Update:
        with translated(self.line, f"capture {money} of {ref}"):
            intent = self.client.v1.payment_intents.capture(
                self._live_intent(ref, money),
                {"amount_to_capture": to_wire(money), "expand": EXPANDED},
                {"idempotency_key": key},
            )
        return self._payment(intent.to_dict())

    def cancel(self, key: str, ref: str) -> Update:
        """Let go of an intent, or close its Checkout page. What is final already is told as it is."""
        try:
            with translated(self.line, f"cancel {ref}"):
                page = _page_of(self._intent(ref))
                if page:
                    self.client.v1.checkout.sessions.expire(page, {}, {"idempotency_key": key})
                else:
                    self.client.v1.payment_intents.cancel(
                        ref, {"cancellation_reason": "abandoned"}, {"idempotency_key": key}
                    )
        except Refused:
            known = self.fetch(ref)
            if known is None:
                raise
            if known.outcome not in FINAL:
                raise Unavailable(f"Stripe is still at work on {ref}: cancel it later.") from None
            return known
        return Update(kind="payment", ref=ref, outcome=Outcome.CANCELED)

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        """Back to the card that paid; `destination` does not apply to cards."""
        try:
            with translated(self.line, f"refund {money} of {ref}"):
                given = self.client.v1.refunds.create(
                    {
                        "payment_intent": self._live_intent(ref, money),
                        "amount": to_wire(money),
                        "metadata": {"key": key},
                    },
                    {"idempotency_key": key},
                )
        except Refused:
            done = self._by_key("refund", key)  # the key may be older than Stripe's memory of it
            if done is None:
                raise
            return done
        return events.refund(given.to_dict())

    def _live_intent(self, ref: str, money: Money) -> str:
        """The id of the intent that really holds the money of payment `ref`. Stripe takes a bare number of units for
        what it then captures or refunds: Refused when the payment is in another currency than `money`."""
        intent = self._intent(ref)
        if intent["currency"] != money.currency.lower():
            raise Refused(f"{ref} was paid in {intent['currency'].upper()}: {money} cannot be taken or sent back.")
        page = _page_of(intent)
        inner = self._page(page)["payment_intent"] if page else None
        return str(inner["id"]) if inner else ref

    def submit_evidence(self, key: str, ref: str, evidence: Evidence) -> Update:
        """One document and the fields of Stripe's form. Stripe passes it on at once; nothing can be added later."""
        try:
            return self._submit(key, ref, evidence)
        except Unknown as error:
            if not replayed(error):
                raise
        # A 500 that Stripe saved comes back for ever. Another key is safe once the dispute is seen without an answer:
        # it takes one only. A file that nothing names is nothing.
        found = self._dispute(ref)
        return found if found.claim and found.claim.submitted else self._submit(f"{key}:again", ref, evidence, told=key)

    def _submit(self, wire_key: str, ref: str, evidence: Evidence, *, told: str = "") -> Update:
        with translated(self.line, f"send the evidence for {ref}"):
            answers = disputes.form(evidence, disputes.upload(self.client, wire_key, evidence.pdf))
            self.client.v1.disputes.update(
                ref,
                {"evidence": answers, "metadata": {"key": told or wire_key}, "submit": True},
                {"idempotency_key": wire_key},
            )
        return self._dispute(ref)

    def concede(self, key: str, ref: str) -> Update:
        """Close the dispute: it is lost. Told as it is when it ended before."""
        try:
            with translated(self.line, f"accept {ref}"):
                self.client.v1.disputes.close(ref, {}, {"idempotency_key": key})
        except Refused:
            known = self.fetch(ref, kind="dispute")
            if known is None or known.outcome in {Outcome.ACTION, Outcome.PENDING}:
                raise
            return known
        return self._dispute(ref)

    def _dispute(self, ref: str) -> Update:
        """As it is after our call; what cannot be read now is not known."""
        try:
            found = self.fetch(ref, kind="dispute")
        except Unavailable as error:
            raise Unknown(str(error)) from error
        if found is None:
            raise Unknown(f"Stripe does not show {ref}, which it has just changed.")
        return found

    # --- paying sellers --------------------------------------------------------------------------

    def pays_out(self, country: str, currency: str) -> bool:
        """To a recipient's account, in a currency in which Stripe keeps a balance for the platform."""
        kept = currency in self.config.get("settlement_currencies", ())
        return kept and connect.reaches(str(self.config.get("country") or ""), country)

    def open_payee(self, key: str, *, ref: str, email: str, country: str) -> str:
        with translated(self.line, f"open an account for user {ref}"):
            return connect.open_account(self.client, key, ref=ref, email=email, country=country)

    def payee_page(self, destination: str, *, back: str) -> str:
        with translated(self.line, f"open a page for {destination}", reading=True):
            return connect.onboarding(self.client, destination, back=back)

    def payee_ready(self, destination: str) -> bool:
        with translated(self.line, f"show {destination}", reading=True):
            return connect.is_ready(self.client, destination)

    def payout(self, key: str, money: Money, *, destination: str, ref: str) -> Update:
        """A transfer to the account `destination`; Refused when it is not ready or the balance is too small."""
        try:
            with translated(self.line, f"transfer {money} to {destination}"):
                return connect.transfer(self.client, key, money, destination=destination, ref=ref)
        except Refused as error:
            done = self._by_key("payout", key)  # the key may be older than Stripe's memory of it
            if done is not None and done.amount == money:
                return done
            if done is not None or key_is_used(error):
                raise Unknown(f"{error} It may have been sent. Fetch first.") from error
            raise

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """Every line of Stripe's balance from `since` to before `until`, newest first."""
        with translated(self.line, "list the balance", reading=True):
            lines = self.client.v1.balance_transactions.list(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": 100,
                    "expand": ["data.source"],
                }
            )
            for line in lines.auto_paging_iter():
                yield movement(line.to_dict())

    def holds(self) -> list[Money]:
        """Available and pending together: what its lines sum to."""
        with translated(self.line, "show the balance", reading=True):
            shown = self.client.v1.balance.retrieve().to_dict()
        sums: dict[str, Money] = {}
        for part in (*shown["available"], *shown["pending"]):
            money = from_wire(part["amount"], part["currency"])
            sums[money.currency] = money + sums.get(money.currency, Money(0, money.currency))
        return list(sums.values())

    def checkout_page(self, ref: str, money: Money, *, title: str, return_url: str) -> str:
        """The address where the payment of intent `ref` goes on at Stripe, without our JavaScript.

        One page per payment, paid or not; Refused when the payment is past that.
        """
        with translated(self.line, f"show {ref}", reading=True):
            intent = self._intent(ref)
            old = _page_of(intent)
            page = self._page(old) if old else None
        if page and page["status"] == "open":
            return str(page["url"])
        if page or intent["status"] not in OPEN:
            raise Refused(f"Payment {ref} is {intent['status']}: it cannot move to another page.")
        with translated(self.line, f"open a page for {ref}"):
            return open_page(self.client, intent, money, title=title, return_url=return_url)

    # --- news ------------------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        """Updates with their `event_id`; none for kinds of events that no money depends on.

        Order is not guaranteed and the body is a snapshot: fetch before money moves.
        """
        named = {name.lower(): value for name, value in headers.items()}
        event = events.verified(
            body,
            named.get("stripe-signature", ""),
            str(self.config["webhook_secret"]),
            live=self.live,
            account=str(self.config.get("account") or ""),
        )
        return events.updates(event)


def _page_of(intent: Mapping[str, Any]) -> str | None:
    """The Checkout page that took this intent's place."""
    page = (intent.get("metadata") or {}).get("checkout")
    return str(page) if page and intent["status"] == "canceled" else None
