"""Payouts by Stripe Connect: separate charges and transfers to accounts (v2) that are recipients.

The platform charges buyers and later transfers to a seller's account: fees, refunds and chargebacks are the platform's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import stripe

from fx.money import Money
from marketplace.lib.places import EEA
from payments.processors.base import Outcome, Update
from payments.processors.stripe_amounts import from_wire, to_wire

# Between these countries a platform transfers to a recipient by itself; elsewhere only within its own country.
# Source: docs.stripe.com/connect/cross-border-payouts (service agreement "recipient"), read 2026-11.
CHECKED_ON = "2026-11"
CROSS_BORDER = EEA | {"US", "GB", "CA", "CH"}
DESCRIPTION = "Payout {ref}"  # with another one Stripe refuses a key that it knows
RECIPIENT: list[Any] = ["configuration.recipient"]


def reaches(platform: str, country: str) -> bool:
    """Whether a platform of Stripe's in `platform` can transfer to somebody in `country`."""
    return bool(platform) and platform in CROSS_BORDER and country in CROSS_BORDER


def open_account(client: stripe.StripeClient, key: str, *, ref: str, email: str, country: str) -> str:
    """The id of a recipient's account; the same key brings the same one."""
    made = client.v2.core.accounts.create(
        {
            "contact_email": email,
            "dashboard": "express",
            "identity": {"country": country.lower()},
            "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
            "include": RECIPIENT,
            "metadata": {"user": ref, "key": key},
        },
        {"idempotency_key": key},
    )
    return str(made.id)


def onboarding(client: stripe.StripeClient, account: str, *, back: str) -> str:
    """Stripe's page where the account's holder says who they are. It works once, for some minutes."""
    made = client.v2.core.account_links.create(
        {
            "account": account,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {"refresh_url": back, "return_url": back},
            },
        }
    )
    return str(made.url)


def is_ready(client: stripe.StripeClient, account: str) -> bool:
    """Whether transfers to the account are possible now."""
    shown = client.v2.core.accounts.retrieve(account, {"include": RECIPIENT}).to_dict()
    found: Any = shown
    for part in ("configuration", "recipient", "capabilities", "stripe_balance", "stripe_transfers"):
        found = (found or {}).get(part)
    return bool(found) and found.get("status") == "active"


def transfer(client: stripe.StripeClient, key: str, money: Money, *, destination: str, ref: str) -> Update:
    """`transfer_group` is our key too, so that it can be listed by it however long ago it was."""
    made = client.v1.transfers.create(
        {
            "amount": to_wire(money),
            "currency": money.currency.lower(),
            "destination": destination,
            "description": DESCRIPTION.format(ref=ref),
            "metadata": {"payout": ref, "key": key},
            "transfer_group": key,
        },
        {"idempotency_key": key},
    )
    return update(made.to_dict())


def by_key(client: stripe.StripeClient, key: str) -> Update | None:
    """The transfer that was made with `key`, if there is one."""
    listed = client.v1.transfers.list({"transfer_group": key, "limit": 100})
    for made in listed.auto_paging_iter():
        if (made.to_dict().get("metadata") or {}).get("key") == key:
            return update(made.to_dict())
    return None


def update(made: Mapping[str, Any]) -> Update:
    """A transfer is done when it exists; all or a part of it may be taken back later."""
    return Update(
        kind="payout",
        ref=made["id"],
        outcome=Outcome.REVERSED if made.get("amount_reversed") else Outcome.SUCCEEDED,
        amount=from_wire(made["amount"] - (made.get("amount_reversed") or 0), made["currency"]),
        key=(made.get("metadata") or {}).get("key"),
        raw={"destination": made.get("destination"), "reversed": made.get("amount_reversed") or 0},
    )
