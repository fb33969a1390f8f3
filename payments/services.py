"""The face of payments: what callers do with money. Each verb lives in the module of its noun."""

from __future__ import annotations

from payments.calls.byhand import payout_sent_by_hand, sent_by_hand
from payments.calls.deciding import it_happened, it_never_happened
from payments.calls.operations import due_operations, run_operation
from payments.calls.watching import refresh_payment
from payments.errors import PaymentRefused, RefundRefused
from payments.opening import LineDraft, capture_payment, close_payment, open_payment
from payments.payouts.ends import confirm_payout, payout_came_back
from payments.refunds.life import give_refund_address, request_refund, retry_refund
from payments.refunds.prices import lock_price

__all__ = [
    "LineDraft",
    "PaymentRefused",
    "RefundRefused",
    "capture_payment",
    "close_payment",
    "confirm_payout",
    "due_operations",
    "give_refund_address",
    "it_happened",
    "it_never_happened",
    "lock_price",
    "open_payment",
    "payout_came_back",
    "payout_sent_by_hand",
    "refresh_payment",
    "request_refund",
    "retry_refund",
    "run_operation",
    "sent_by_hand",
]
