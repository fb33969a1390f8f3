"""What each journal did to a seller's money, in words: by its kind, and by which of their accounts it moved."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.sellers.movements import CONTESTED, DEBT, PAYABLE, RESERVE

Words = dict[str, str | Promise]

PARTS: Words = {
    PAYABLE: gettext_lazy("Payable"),
    RESERVE: gettext_lazy("In reserve"),
    CONTESTED: gettext_lazy("Asked for by banks"),
    DEBT: gettext_lazy("Owed"),
}
WORDS: dict[str, Words] = {
    "release": {
        PAYABLE: gettext_lazy("A sale is complete: its money is yours"),
        RESERVE: gettext_lazy("Kept in reserve of a sale"),
        DEBT: gettext_lazy("Taken from a sale"),
    },
    "reserve_freed": {
        PAYABLE: gettext_lazy("A reserve has ended: its money is yours"),
        RESERVE: gettext_lazy("A reserve has ended"),
        DEBT: gettext_lazy("Taken from a reserve"),
    },
    "refund": {DEBT: gettext_lazy("Given back to the buyer after you had been paid")},
    "reversal": {DEBT: gettext_lazy("A refund that failed: you do not owe it yet")},
    "kept_fee": {DEBT: gettext_lazy("What the card network keeps of an order that was never shipped")},
    "rebate": {
        PAYABLE: gettext_lazy("Your part of what netting saved on this sale"),
        DEBT: gettext_lazy("Taken from a rebate"),
    },
    "rebate_back": {DEBT: gettext_lazy("The rebate of what was given back")},
    "contested": {
        PAYABLE: gettext_lazy("Kept back: the buyer’s bank asks for it"),
        CONTESTED: gettext_lazy("The buyer’s bank asks for it"),
    },
    "uncontested": {
        PAYABLE: gettext_lazy("The bank has decided: payable again"),
        CONTESTED: gettext_lazy("The bank has decided"),
        DEBT: gettext_lazy("Taken from what the bank had asked for"),
    },
    "payout": {PAYABLE: gettext_lazy("Payout"), DEBT: gettext_lazy("Taken from a payout")},
    "payout_back": {PAYABLE: gettext_lazy("A payout did not go out: payable again")},
    "payout_returned": {PAYABLE: gettext_lazy("A payout came back: payable again")},
    "balance_paid": {PAYABLE: gettext_lazy("Paid from your balance")},
    "balance_back": {PAYABLE: gettext_lazy("Refund to your balance")},
}


def why(kind: str, part: str) -> str:
    """One sentence; what no rule of ours books was booked by a person."""
    return str(WORDS.get(kind, {}).get(part) or _("Booked by our staff"))
