"""What can be done about a stop: the words of the column `remedy` in restricted_goods.csv, as sentences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ADVICE = {
    "home": _("The post does not take it across borders: it may be offered within the seller’s own country."),
    "elsewhere": _("It may go to other countries: choose another address, or correct the HS code if it is wrong."),
    "nothing": _("It cannot be sold here. If the HS code is wrong, the seller can correct it."),
    "name": _("If it is genuine, the seller can take that word out of the title."),
    "permit": _("It may go with a permit: get it before you send, and put its number on the customs form."),
    "ask": _("It may go: ask your carrier and the customs office of the destination first."),
    "embargo": _("Only another country helps: choose another address, or take it out of the basket."),
}
