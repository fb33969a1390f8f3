"""What payments refuses. Each message names the thing, the value and the way out."""

from __future__ import annotations


class PaymentError(Exception):
    """Base of everything that a caller may show to people; nothing has changed."""


class PaymentRefused(PaymentError):
    """A payment that contradicts its quote or its state."""


class RefundRefused(PaymentError):
    """Nothing to send back, or not now."""


class ReleaseRefused(PaymentError):
    """The money is not held any more, or goes back to the buyer."""


class PayoutRefused(PaymentError):
    """A payout, settlement or fill that cannot be."""


class CaseClosed(PaymentError):
    """Somebody was faster."""


class DecisionRefused(PaymentError):
    """The processor shows the opposite of what a person says, or there is nothing to decide."""


class AnswerRefused(PaymentError):
    """The bank cannot be answered, or not this way, or not any more."""


class FeeRefused(PaymentError):
    """Terms of a processor that cannot be recorded."""


class InvoiceRefused(PaymentError):
    """What an invoice is made out by cannot be."""
