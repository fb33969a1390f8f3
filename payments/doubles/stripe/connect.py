"""Connected accounts (v2) that receive transfers, and the transfers: from the platform's balance to theirs."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import TYPE_CHECKING, Any

from marketplace.lib.clock import now
from payments.doubles.stripe import books, money
from payments.doubles.stripe.errors import ApiError, invalid
from payments.doubles.stripe.store import Obj, stamp

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

LINK_SECONDS = 300
CROSS_BORDER = frozenset(  # who may be sent money from another country by the platform's own doing
    "US GB CA CH AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)


def flattened(text: str) -> Obj:
    """A JSON body with its leaves as texts, as a form has them: the same rules read both."""
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise invalid("The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The request body is not an object.")
    return {name: _text(value) for name, value in body.items()}


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_text(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def open_account(double: Double, asked: Obj) -> Obj:
    """A recipient that still has to say who it is. A country that cannot be sent to is refused."""
    recipient = (asked.get("configuration") or {}).get("recipient")
    wanted = ((recipient or {}).get("capabilities") or {}).get("stripe_balance") or {}
    if not (wanted.get("stripe_transfers") or {}).get("requested"):
        raise invalid("The account asks for no capability.", param="configuration.recipient.capabilities")
    country = str((asked.get("identity") or {}).get("country", "")).upper()
    if country not in CROSS_BORDER:
        raise invalid(f"Accounts in {country or 'no country'} cannot be recipients.", param="identity.country")
    return double.store.put(
        "account",
        {
            "id": f"acct_{secrets.token_hex(8)}",
            "object": "v2.core.account",
            "created": now().astimezone(dt.UTC).isoformat(),
            "livemode": False,
            "contact_email": asked.get("contact_email"),
            "dashboard": asked.get("dashboard"),
            "identity": {"country": country},
            "metadata": asked.get("metadata") or {},
            "configuration": {"recipient": _capability("restricted")},
        },
    )


def _capability(status: str) -> Obj:
    details = [] if status == "active" else [{"code": "requirements_past_due", "resolution": "provide_info"}]
    transfers = {"requested": True, "status": status, "status_details": details}
    return {"capabilities": {"stripe_balance": {"stripe_transfers": transfers}}}


def account(double: Double, name: str, asked: Obj) -> Obj:
    """As v2 shows it: parts that were not asked for are null."""
    found = double.store.get("account", name)
    with_recipient = "configuration.recipient" in (asked.get("include") or [])
    return found if with_recipient else {**found, "configuration": None}


def link(double: Double, asked: Obj) -> Obj:
    """Stripe's own page where the account says who it is."""
    case = asked["use_case"]
    onboarding = case.get("account_onboarding")
    if case["type"] != "account_onboarding" or not onboarding:
        raise invalid("The use case lacks its options.", param="use_case")
    found = double.store.get("account", asked["account"])
    found["back"] = onboarding.get("return_url") or onboarding["refresh_url"]
    double.store.put("account", found)
    expires = now().astimezone(dt.UTC) + dt.timedelta(seconds=LINK_SECONDS)
    return {
        "object": "v2.core.account_link",
        "account": found["id"],
        "created": now().astimezone(dt.UTC).isoformat(),
        "expires_at": expires.isoformat(),
        "livemode": False,
        "url": f"{double.url}/connect/{found['id']}",
        "use_case": case,
    }


def finish(double: Double, name: str, *, ready: bool = True) -> Obj:
    """The account has said who it is, or Stripe wants more of it again."""
    found = double.store.get("account", name)
    found["configuration"] = {"recipient": _capability("active" if ready else "restricted")}
    return double.store.put("account", found)


def _is_ready(found: Obj) -> bool:
    transfers = found["configuration"]["recipient"]["capabilities"]["stripe_balance"]["stripe_transfers"]
    return bool(transfers["status"] == "active")


def available(double: Double, currency: str) -> int:
    """What can be sent now: pending charges do not count yet, what left counts at once."""
    rows = double.store.every("balance_transaction", currency=currency)
    return sum(row["net"] for row in rows if row["net"] < 0 or row["available_on"] <= stamp() or row["payout"])


def transfer(double: Double, asked: Obj) -> Obj:
    """From the platform's available balance to an account that is ready."""
    currency, amount = asked["currency"].lower(), asked.get("amount", 0)
    if amount <= 0:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    money.check_digits(amount, currency)
    to = double.store.find("account", asked["destination"])
    if to is None:
        raise invalid(f"No such destination: '{asked['destination']}'", code="resource_missing", param="destination")
    if not _is_ready(to):
        raise invalid(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            code="insufficient_capabilities_for_transfer",
        )
    if amount > available(double, currency):
        raise invalid("You have insufficient available funds in your Stripe account.", code="balance_insufficient")
    made = double.store.new(
        "transfer",
        amount=amount,
        amount_reversed=0,
        balance_transaction=None,
        currency=currency,
        description=asked.get("description"),
        destination=to["id"],
        metadata=asked.get("metadata") or {},
        reversals={"object": "list", "data": [], "has_more": False},
        reversed=False,
        source_type="card",
        transfer_group=asked.get("transfer_group"),
    )
    made["balance_transaction"] = books.book(double, "transfer", made["id"], -amount, currency)["id"]
    double.emit("transfer.created", made)
    return double.store.put("transfer", made)


def reverse(double: Double, name: str) -> Obj:
    """All of it comes back, as when somebody reverses it in Stripe's dashboard."""
    made = double.store.get("transfer", name)
    if made["reversed"]:
        raise ApiError(400, "invalid_request_error", f"Transfer {name} has been reversed already.")
    made["amount_reversed"], made["reversed"] = made["amount"], True
    money_back = {"amount": made["amount"], "currency": made["currency"], "transfer": made["id"], "metadata": {}}
    back = double.store.new("transfer_reversal", **money_back, balance_transaction=None)
    line = books.book(double, "transfer_refund", back["id"], made["amount"], made["currency"])
    double.store.put("transfer_reversal", back | {"balance_transaction": line["id"]})
    double.emit("transfer.reversed", made)
    return double.store.put("transfer", made)
