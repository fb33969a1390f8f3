"""What invoices say in sentences: on the page and on paper alike."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payments.models import Treatment, Wait


def why(treatment: str) -> str:
    """The reference that the law wants where no tax is charged (article 226, numbers 11 and 11a); else nothing."""
    return {
        Treatment.REVERSE: _("Reverse charge: the customer owes the VAT (articles 44 and 196, Directive 2006/112/EC)."),
        Treatment.OUTSIDE: _("Not taxable in the EU: the customer is elsewhere (articles 44 and 59, 2006/112/EC)."),
        Treatment.EXEMPT: _("No VAT is charged: exempt small business (article 284, Directive 2006/112/EC)."),
    }.get(Treatment(treatment), "")


def paid() -> str:
    return _("All of it was taken when the money of these orders became yours: nothing is left to pay.")


def passed_on() -> str:
    return _("The processor’s fee was passed on as it was quoted. It is no part of this invoice’s sum.")


def given_up() -> str:
    return _("This much less is owed by you since the refund: nothing else is paid out.")


def waits(wait: str) -> str:
    """Why an invoice is not there yet, for its seller."""
    if wait == Wait.SELLER:
        return _("It waits for your name and address.")
    if wait == Wait.VAT_ID:
        return _("It waits for a VAT number that is valid.")
    return _("It is looked at by us.")
