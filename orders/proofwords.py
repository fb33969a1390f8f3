"""What the books say about an order, in words: each kind of journal, and whose each account is."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = dict[str, str | Promise]

KINDS: Words = {
    "capture": gettext_lazy("The buyer’s payment came in"),
    "more": gettext_lazy("More than was due came in"),
    "suspense": gettext_lazy("Money came in too late, or too little"),
    "fee": gettext_lazy("What the payment provider really kept"),
    "balance_paid": gettext_lazy("Paid from a sales balance"),
    "balance_back": gettext_lazy("Given back to a sales balance"),
    "refund": gettext_lazy("Given back to the buyer"),
    "reversal": gettext_lazy("A refund failed: its money is here again"),
    "kept_fee": gettext_lazy("What the card network keeps of an order that was never shipped"),
    "chargeback": gettext_lazy("The buyer’s bank took money, or gave it back"),
    "chargeback_fee": gettext_lazy("What the bank’s demand cost"),
    "chargeback_loss": gettext_lazy("The bank took what had been refunded: our loss"),
    "chargeback_found": gettext_lazy("That refund came back"),
    "contested": gettext_lazy("Kept back: the buyer’s bank asks for it"),
    "uncontested": gettext_lazy("The bank has decided"),
    "release": gettext_lazy("The order is complete: the money is the seller’s"),
    "reserve_freed": gettext_lazy("A reserve has ended"),
    "commission_tax": gettext_lazy("The tax inside our commission"),
    "commission_tax_back": gettext_lazy("The tax in commission that was given up"),
    "network_fee": gettext_lazy("The network’s fee"),
    "rebate": gettext_lazy("What netting saved, given to the seller"),
    "rebate_back": gettext_lazy("The rebate of what was given back"),
}
# By the parts of a code that say whose the money is: the first, or the first and the last.
ACCOUNTS: Words = {
    "hold": gettext_lazy("held for the buyer"),
    "seller": gettext_lazy("the seller’s"),
    "seller debt": gettext_lazy("owed by the seller"),
    "seller reserve": gettext_lazy("the seller’s, in reserve"),
    "seller contested": gettext_lazy("asked for by the buyer’s bank"),
    "buyer": gettext_lazy("the buyer’s credit"),
    "clearing": gettext_lazy("at the payment provider, for us"),
    "disputed": gettext_lazy("with the buyer’s bank"),
    "suspense": gettext_lazy("nobody’s yet"),
    "fx": gettext_lazy("exchange"),
    "income": gettext_lazy("our income"),
    "expense": gettext_lazy("our cost"),
    "tax": gettext_lazy("tax, passed on"),
    "duty": gettext_lazy("duty, passed on"),
    "payouts": gettext_lazy("on its way to the seller"),
}


def what(kind: str) -> str:
    """One sentence; what no rule of ours books was booked by a person."""
    return str(KINDS.get(kind) or _("Booked by our staff"))


def whose(account: str) -> str:
    """Empty for an account that no order touches."""
    head, *_between, last = account.split(":")
    return str(ACCOUNTS.get(f"{head} {last}") or ACCOUNTS.get(head, ""))
