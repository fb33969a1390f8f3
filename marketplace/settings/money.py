"""Money: what the platform takes, rates, screening, payouts, processors."""

from __future__ import annotations

import os
import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from marketplace.settings.environment import (
    DEMO,
    SANDBOX,
    TEST,
    flag,
    listed,
    named_like,
    number,
    one_of,
    pairs,
    text,
    whole_pairs,
)

# What the platform takes, in basis points.
SPREAD_BPS = number("SPREAD_BPS", 40, 0, 500)  # over mid-market, fiat to fiat
COIN_SPREAD_BPS = number("COIN_SPREAD_BPS", 50, 0, 1000)  # from the order's currency to the coin
COMMISSION_BPS = number("COMMISSION_BPS", 100, 0, 3000)  # of goods, from the seller, at release
QUOTE_MINUTES = number("QUOTE_MINUTES", 10, 1, 10)
COIN_QUOTE_MINUTES = number("COIN_QUOTE_MINUTES", 15, 1, 15)
COIN_REFUND_MINUTES = number("COIN_REFUND_MINUTES", 60, 5, 1440)  # a refund by value, until it is signed and sent
# Providers of rates by name, see fx/providers. The demo's fixed rates refuse to load elsewhere.
RATE_PROVIDERS = listed("RATE_PROVIDERS", "embedded,demo" if SANDBOX else "ecb,kraken,coinbase")
RATE_URLS = {  # tests point these at loopback servers
    "ecb": text("ECB_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml"),
    "ecb_history": text("ECB_HISTORY_URL", "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"),
    "frankfurter": text("FRANKFURTER_URL", "https://api.frankfurter.dev"),
    "openexchangerates": text("OPENEXCHANGERATES_URL", "https://openexchangerates.org/api"),
    "kraken": text("KRAKEN_URL", "https://api.kraken.com"),
    "coinbase": text("COINBASE_URL", "https://api.exchange.coinbase.com"),
}
OPENEXCHANGERATES_APP_ID = text("OPENEXCHANGERATES_APP_ID", "")
FX_ALLOW_EMBEDDED = flag("FX_ALLOW_EMBEDDED", SANDBOX)

# Netting windows. In shadow they report what could be saved and book nothing. See docs/operate.md before live.
NETTING_MODE = one_of("NETTING_MODE", "shadow", ("shadow", "live"))
EXCHANGE_PROVIDER = text("EXCHANGE_PROVIDER", "manual")  # who carries out the trades of live windows
# A rest of a trade that is worth no more may be left, where nobody exchanges so little.
NETTING_REST_EUR = number("NETTING_REST_EUR", 10, 0, 1000)
NETTING_HOURS = number("NETTING_HOURS", 24, 1, 168)
NETTING_COIN_HOURS = number("NETTING_COIN_HOURS", 1, 1, 24)
NETTING_LIMITS = pairs("NETTING_LIMITS")  # currency:amount pairs: a net position that closes a window early
NETTING_SHARE_PERCENT = number("NETTING_SHARE_PERCENT", 50, 0, 100)  # of the saving, to sellers
NETTING_COST_BPS = number("NETTING_COST_BPS", 40, 0, 1000)  # of an exchange outside, against the euro
NETTING_COSTS_BPS = whole_pairs("NETTING_COSTS_BPS", 0, 1000)  # by currency, like USD:30,JPY:40

# Who is asked before anybody is paid, and the operator's own list of names and addresses. See payments/screening.
SCREENING_PROVIDERS = listed("SCREENING_PROVIDERS", "embargoes,list")
SCREENING_LIST = text("SCREENING_LIST", "")
# How long the law wants books to be kept: after that, people are erased from finished orders.
BOOKS_KEPT_YEARS = number("BOOKS_KEPT_YEARS", 10, 6, 30)
# Who runs the platform, as its invoices to sellers say it; without the first three none is written: docs/operate.md.
OPERATOR: dict[str, str] = {
    "name": text("OPERATOR_NAME", "Entrepôt Demo" if SANDBOX else ""),
    "address": text("OPERATOR_ADDRESS", "Hafenstraße 1, 20457 Hamburg" if SANDBOX else ""),
    "country": text("OPERATOR_COUNTRY", "DE" if SANDBOX else ""),
    "vat_id": text("OPERATOR_VAT_ID", "DE999999995" if SANDBOX else ""),  # empty: a small business, no tax is charged
    "tax_number": text("OPERATOR_TAX_NUMBER", ""),
    "tax_currency": text("OPERATOR_TAX_CURRENCY", "EUR"),
    "consumers": text("OPERATOR_EU_CONSUMERS", "oss" if SANDBOX else ""),  # oss | home
}
if OPERATOR["consumers"] not in {"", "oss", "home"}:
    raise ImproperlyConfigured(f"OPERATOR_EU_CONSUMERS={OPERATOR['consumers']!r} is neither oss nor home.")
# The Ed25519 key that signs the ledger's daily head: 32 bytes in hex. The demo makes its own; else none signs.
PROOF_KEY = text("PROOF_KEY", "")
# currency:amount pairs: the least that sellers can ask for; a currency that is not named has none
PAYOUT_MINIMUMS = pairs(
    "PAYOUT_MINIMUMS", "" if TEST else "EUR:5,USD:5,GBP:5,CHF:5,CAD:5,AUD:5,INR:400,MXN:100,JPY:500"
)

AUTO_APPROVE = flag("AUTO_APPROVE", False)  # the operator's rule for listings of shops with an approved one

# Processors by name; one is active only when it is named here. See payments/processors.
STRIPE_API_BASE = text("STRIPE_API_BASE", "")  # the demo's and the tests' loopback double; empty: Stripe itself
PROCESSORS: dict[str, dict[str, Any]] = {}
if SANDBOX or os.environ.get("STRIPE_SECRET_KEY"):
    PROCESSORS["stripe"] = {
        "secret_key": text("STRIPE_SECRET_KEY", "sk_test_demo" if SANDBOX else None),
        "publishable_key": text("STRIPE_PUBLISHABLE_KEY", "pk_test_demo" if SANDBOX else None),
        "webhook_secret": text("STRIPE_WEBHOOK_SECRET", "whsec_demo_only" if SANDBOX else None),
        "api_base": STRIPE_API_BASE,
        "settlement_currencies": listed("STRIPE_SETTLEMENT_CURRENCIES", "EUR"),
        "country": text("STRIPE_COUNTRY", "DE" if SANDBOX else ""),  # of the platform's account: for payouts by Connect
    }
if SANDBOX or os.environ.get("BITCOIN_XPUB"):
    PROCESSORS["bitcoin"] = {
        "xpub": text("BITCOIN_XPUB", "" if SANDBOX else None),
        "network": text("BITCOIN_NETWORK", "regtest" if SANDBOX else "main"),
        "source": text("BITCOIN_SOURCE", "demo" if SANDBOX else None),  # core | esplora | demo
        "url": text("BITCOIN_URL", ""),
        "wallet": text("BITCOIN_WALLET", "entrepot-watch"),
        "first_index": number("BITCOIN_FIRST_INDEX", 0, 0, 2**31 - 1),  # after a restore: skip what was given out
        "refund_window_hours": number("BITCOIN_REFUND_WINDOW_HOURS", 24, 0, 2160),  # the coins themselves go back
        "fee_ceiling": number("BITCOIN_FEE_CEILING", 200, 1, 10_000),  # satoshi per virtual byte
    }
if SANDBOX or os.environ.get("ERC20_XPUB"):
    PROCESSORS["erc20"] = {  # USDC on an EVM chain
        "xpub": text("ERC20_XPUB", "" if SANDBOX else None),
        "chain_id": number("ERC20_CHAIN_ID", 31337 if SANDBOX else 1, 1, 2**53),
        "contract": text("ERC20_CONTRACT", ""),  # empty: where USDC's maker says that it is
        "source": text("ERC20_SOURCE", "demo" if SANDBOX else "node"),  # node | demo
        "url": text("ERC20_URL", ""),
        "confirmations": text("ERC20_CONFIRMATIONS", "finalized"),  # what the chain calls final, or so many blocks
        "log_blocks": number("ERC20_LOG_BLOCKS", 2000, 1, 1_000_000),  # asked for at once; providers have limits
        "first_index": number("ERC20_FIRST_INDEX", 0, 0, 2**31 - 1),  # after a restore: skip what was given out
        "refund_window_hours": number("ERC20_REFUND_WINDOW_HOURS", 24, 0, 2160),
    }
PROCESSORS["bank"] = {
    "debtor_name": text("BANK_DEBTOR_NAME", "Entrepôt Demo" if SANDBOX else "-"),
    # currency:account pairs, e.g. EUR:DE75512108001245126199,INR:DE75512108001245126199
    "accounts": pairs(
        "BANK_ACCOUNTS",
        "EUR:DE75512108001245126199,INR:DE75512108001245126199,MXN:DE75512108001245126199" if SANDBOX else "",
    ),
    "bic": text("BANK_BIC", "SOLADEST600" if SANDBOX else "-"),
}

# Sellers may pay with what they have earned: whether you may offer that is for your lawyer to say. See docs/operate.md.
if flag("BALANCE_RAIL", DEMO):
    PROCESSORS["balance"] = {}
# currency:amount pairs: the most that a sales balance pays at once, and in 24 hours; a currency not named has no limit
BALANCE_PER_PAYMENT = pairs("BALANCE_PER_PAYMENT")
BALANCE_PER_DAY = pairs("BALANCE_PER_DAY")
if flag("BANK_PAY_IN", False):  # buyers may pay by bank transfer, in the currencies of our accounts
    PROCESSORS["transfer"] = PROCESSORS["bank"] | {"days": number("BANK_PAY_IN_DAYS", 5, 1, 14)}

# Processors of installed packages, each configured by its own variables: PROCESSOR_ACME_API_KEY is acme's "api_key".
for _slug in listed("PLUGIN_PROCESSORS"):
    if _slug in {"stripe", "bitcoin", "erc20", "bank", "balance", "transfer"}:
        raise ImproperlyConfigured(f"PLUGIN_PROCESSORS has {_slug!r}, which is built in and has settings of its own.")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,31}", _slug):
        raise ImproperlyConfigured(f"PLUGIN_PROCESSORS has {_slug!r}: use small letters, digits and _, like acme.")
    PROCESSORS[_slug] = named_like(f"PROCESSOR_{_slug.upper()}_")

# A call to a processor, with its retries, takes 75 seconds at most; one that takes longer is taken over.
CLAIM_SECONDS = number("CLAIM_SECONDS", 100, 2, 600)

# What stands in for the outside world never does so where money is real.
STAND_INS = {
    "RATE_PROVIDERS": "demo" in RATE_PROVIDERS,
    "STRIPE_API_BASE": bool(STRIPE_API_BASE),
    "BITCOIN_SOURCE": PROCESSORS.get("bitcoin", {}).get("source") == "demo",
    "ERC20_SOURCE": PROCESSORS.get("erc20", {}).get("source") == "demo",
}
for _name, _is_one in STAND_INS.items():
    if _is_one and not SANDBOX:
        raise ImproperlyConfigured(
            f"{_name}={os.environ[_name]!r} is a stand-in for the demo and tests, where no money is real. Take it out."
        )
