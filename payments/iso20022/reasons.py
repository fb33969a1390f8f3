"""Why a bank did not, in words: the codes of ISO's external status and return reasons that matter here."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The bank has it already: what it rejects is the second copy, not the payment.
DUPLICATES = frozenset({"AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"})

WORDS = {
    "AC01": gettext_lazy("The account number is wrong."),
    "AC03": gettext_lazy("The account number does not fit the account holder."),
    "AC04": gettext_lazy("The account is closed."),
    "AC06": gettext_lazy("The account is blocked."),
    "AG01": gettext_lazy("This kind of transfer is not allowed to the account."),
    "AG02": gettext_lazy("The bank does not know this kind of transfer."),
    "AM02": gettext_lazy("The amount is larger than the bank allows."),
    "AM04": gettext_lazy("There is not enough money in our account."),
    "AM05": gettext_lazy("The bank takes it for a duplicate."),
    "BE01": gettext_lazy("The holder's name does not fit the account."),
    "BE04": gettext_lazy("The holder's address is missing or wrong."),
    "BE05": gettext_lazy("The bank does not know who sent it."),
    "DUPL": gettext_lazy("The bank takes it for a duplicate."),
    "DU01": gettext_lazy("The bank has a file with this id already."),
    "DU02": gettext_lazy("The bank has a part of a file with this id already."),
    "DU03": gettext_lazy("The bank takes it for a duplicate."),
    "DU04": gettext_lazy("The bank has a transfer with this reference already."),
    "DU05": gettext_lazy("The bank has a transfer with this reference already."),
    "FOCR": gettext_lazy("We asked for it back."),
    "MD07": gettext_lazy("The account holder has died."),
    "MS02": gettext_lazy("The account holder refused it."),
    "MS03": gettext_lazy("The bank gives no reason."),
    "RC01": gettext_lazy("The bank's code is wrong."),
    "RR04": gettext_lazy("A rule of the authorities stands against it."),
}


def in_words(code: str, more: str = "") -> str:
    """`code` with its meaning and what the bank added: for the seller and for who looks after it."""
    meaning = WORDS.get(code) or (_("The bank gives no reason.") if not code else _("The bank's code."))
    return " ".join(filter(None, [str(meaning), more, f"({code})" if code else ""]))
