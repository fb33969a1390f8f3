"""Money in and out: cards, coin, the platform's bank accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from stdnum import bic, iban

from fx.money import EXPONENT
from marketplace.checks.findings import Findings, error, of_settings, warning
from marketplace.lib.places import EU, is_country
from payments.chain.evm.addresses import PUBLIC_KEYS
from payments.chain.evm.networks import USDC, is_play, name_of
from payments.invoices.operator import operator
from payments.invoices.rules import is_vat_id

CARDS, COIN, DOLLARS, BANK, DUTIES = "Cards", "Bitcoin", "USDC", "Bank accounts", "Registrations"
INVOICES = "Invoices to sellers"


def config(slug: str) -> dict[str, Any]:
    """The settings of a processor, empty when it is off."""
    found: dict[str, Any] = settings.PROCESSORS.get(slug, {})
    return found


@of_settings
def ways_to_pay() -> Findings:
    if config("stripe") or config("bitcoin") or config("erc20"):
        return []
    says = "Nobody can pay: none of STRIPE_SECRET_KEY, BITCOIN_XPUB and ERC20_XPUB is set."
    return [error(10, says, "Set the three Stripe keys, or the xpub and its source.", CARDS)]


@of_settings
def cards() -> Findings:
    keys = config("stripe")
    if not keys:
        return [warning(10, "Cards are off: STRIPE_SECRET_KEY is not set.", "Set the three Stripe keys.", CARDS)]
    secret, public = str(keys["secret_key"]), str(keys["publishable_key"])
    found: Findings = []
    if not secret.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        found.append(error(11, "STRIPE_SECRET_KEY is no secret key of Stripe.", "It starts sk_live_.", CARDS))
    if not public.startswith("pk_") or ("_test_" in public) != ("_test_" in secret):
        says = "STRIPE_PUBLISHABLE_KEY is not of the same mode as STRIPE_SECRET_KEY."
        found.append(error(12, says, "Copy both from the same page of Stripe's dashboard.", CARDS))
    if "_test_" in secret:
        found.append(warning(11, "STRIPE_SECRET_KEY is a test key: no money moves.", "Use the live keys.", CARDS))
    if not str(keys["webhook_secret"]).startswith("whsec_"):
        says = "STRIPE_WEBHOOK_SECRET is no signing secret: every webhook would be refused."
        found.append(error(13, says, "Copy it from the webhook endpoint's page; it starts whsec_.", CARDS))
    if keys["api_base"]:
        says = f"STRIPE_API_BASE={keys['api_base']} sends payments to a stand-in."
        found.append(error(14, says, "Remove STRIPE_API_BASE.", CARDS))
    return found


@of_settings
def coin() -> Findings:
    chain = config("bitcoin")
    if not chain:
        return [warning(12, "Bitcoin is off: BITCOIN_XPUB is not set.", "Set it, or leave it off on purpose.", COIN)]
    found: Findings = []
    if chain["network"] != "main":
        says = f"BITCOIN_NETWORK={chain['network']}: its coins are worth nothing."
        found.append(warning(13, says, "Set BITCOIN_NETWORK=main.", COIN))
    if chain["source"] == "demo":
        says = "BITCOIN_SOURCE=demo believes in play money."
        found.append(error(15, says, "Set BITCOIN_SOURCE to core or esplora.", COIN))
    elif not chain["url"]:
        says = f"BITCOIN_SOURCE={chain['source']} has no BITCOIN_URL: no payment would ever be seen."
        found.append(error(16, says, "Set BITCOIN_URL to your node or your Esplora server.", COIN))
    return found


@of_settings
def dollars() -> Findings:
    chain = config("erc20")
    if not chain:
        return [warning(30, "USDC is off: ERC20_XPUB is not set.", "Set it, or leave it off on purpose.", DOLLARS)]
    found: Findings = []
    chain_id, contract = chain["chain_id"], str(chain["contract"])
    if is_play(chain_id):
        says = f"ERC20_CHAIN_ID={chain_id} is a test chain: its coins are worth nothing."
        found.append(warning(31, says, "Set the number of a chain with real USDC, like 1 or 8453.", DOLLARS))
    elif contract and contract.lower() != USDC.get(chain_id, contract).lower():
        says = f"ERC20_CONTRACT={contract} is not where USDC's maker says that it is on {name_of(chain_id)}."
        found.append(error(31, says, "Leave ERC20_CONTRACT empty.", DOLLARS))
    if chain["xpub"] in PUBLIC_KEYS:
        says = "ERC20_XPUB is a test account whose words everybody knows."
        found.append(error(32, says, "Configure the public key of your own account.", DOLLARS))
    if chain["source"] == "demo":
        found.append(error(33, "ERC20_SOURCE=demo believes in play money.", "Set ERC20_SOURCE=node.", DOLLARS))
    elif not chain["url"]:
        says = "ERC20_URL is not set: no payment in USDC would ever be seen."
        found.append(error(34, says, "Set ERC20_URL to your node.", DOLLARS))
    return found


@of_settings
def bank() -> Findings:
    ours, found = config("bank"), []
    for name, key in (("BANK_DEBTOR_NAME", "debtor_name"), ("BANK_BIC", "bic")):
        if ours.get(key, "-") in {"", "-"}:
            found.append(error(17, f"{name} is not set: no bank file can be made.", f"Set {name}.", BANK))
    if ours.get("bic", "-") not in {"", "-"} and not bic.is_valid(ours["bic"]):
        found.append(error(18, f"BANK_BIC={ours['bic']} is no BIC.", "Copy it from your bank.", BANK))
    for currency, account in ours.get("accounts", {}).items():
        if not iban.is_valid(account):
            says = f"The {currency} account in BANK_ACCOUNTS is no valid IBAN: {account}."
            found.append(error(19, says, "Copy the IBAN from your bank.", BANK))
    return found


@of_settings
def settlement() -> Findings:
    """Every currency that a processor pays out needs an account to arrive in."""
    accounts = config("bank").get("accounts", {})
    return [
        error(
            20,
            f"Stripe pays out in {currency}, but BANK_ACCOUNTS has no {currency} account.",
            f"Add {currency}:IBAN to BANK_ACCOUNTS, or take it out of STRIPE_SETTLEMENT_CURRENCIES.",
            BANK,
        )
        for currency in config("stripe").get("settlement_currencies", [])
        if currency not in accounts
    ]


@of_settings
def invoices() -> Findings:
    """Who the operator is, for the invoices about the commission."""
    ours = operator()
    if ours.missing:
        says = f"{', '.join(ours.missing)} not set: no invoice about the commission is written to any seller."
        return [warning(40, says, "Say who you are; docs/operate.md says how.", INVOICES)]
    found: Findings = []
    if not is_country(ours.country):
        says = f"OPERATOR_COUNTRY={ours.country} is no country."
        found.append(error(40, says, "Write two letters, like DE.", INVOICES))
    if ours.tax_currency not in EXPONENT:
        says = f"OPERATOR_TAX_CURRENCY={ours.tax_currency} is no currency."
        found.append(error(41, says, "Write three letters, like EUR.", INVOICES))
    if ours.vat_id and ours.country in EU and not is_vat_id(ours.vat_id, ours.country):
        says = f"OPERATOR_VAT_ID={ours.vat_id} is no VAT number of {ours.country}."
        found.append(error(42, says, "Write it with its two letters, without blanks.", INVOICES))
    if ours.vat_id and ours.country in EU and not ours.consumers:
        says = "OPERATOR_EU_CONSUMERS is not set: invoices to people elsewhere in the EU without a VAT number wait."
        found.append(warning(41, says, "Set it to oss or home; your adviser knows which.", INVOICES))
    return found
