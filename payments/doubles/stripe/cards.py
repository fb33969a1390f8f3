"""The test cards, by the names that Stripe gives its test payment methods."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from payments.doubles.stripe.errors import invalid


@dataclass(frozen=True)
class Card:
    """`code` and `decline`: how it fails, empty when it pays; `secure`: asks for 3-D Secure first."""

    country: str = "US"
    brand: str = "visa"
    last4: str = "4242"
    code: str = ""
    decline: str = ""
    secure: bool = False
    disputed: bool = False

    @property
    def message(self) -> str:
        return MESSAGES.get(self.decline or self.code, "Your card was declined.")


MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}

CARDS = {
    "pm_card_visa": Card(),
    "pm_card_mastercard": Card(brand="mastercard", last4="4444"),
    "pm_card_us": Card(),
    "pm_card_de": Card("DE", last4="0016"),
    "pm_card_fr": Card("FR", last4="0003"),
    "pm_card_gb": Card("GB", last4="0005"),
    "pm_card_in": Card("IN", last4="0008"),
    "pm_card_mx": Card("MX", last4="0008"),
    "pm_card_jp": Card("JP", last4="0003"),
    "pm_card_visa_chargeDeclined": Card(last4="0002", code="card_declined", decline="generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card(
        last4="9995", code="card_declined", decline="insufficient_funds"
    ),
    "pm_card_visa_chargeDeclinedLostCard": Card(last4="9987", code="card_declined", decline="lost_card"),
    "pm_card_chargeDeclinedExpiredCard": Card(last4="0069", code="expired_card", decline="expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Card(last4="0127", code="incorrect_cvc", decline="incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Card(last4="0119", code="processing_error", decline="processing_error"),
    "pm_card_threeDSecure2Required": Card("DE", last4="3220", secure=True),
    "pm_card_authenticationRequired": Card("DE", last4="3184", secure=True),
    "pm_card_createDispute": Card(last4="0259", disputed=True),
}


# What the test forms offer: the name and what people read.
OFFERED = [
    ("pm_card_de", _("Visa that works")),
    ("pm_card_threeDSecure2Required", _("Visa that asks for 3-D Secure")),
    ("pm_card_visa_chargeDeclined", _("Visa that is declined")),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", _("Visa without enough money")),
]


def card(name: str) -> Card:
    try:
        return CARDS[name]
    except KeyError:
        raise invalid(f"No such PaymentMethod: '{name}'", code="resource_missing", param="payment_method") from None
