"""What tells one order from another in texts: ids, numbers, references. A copy has its own, of the same shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models

from fx.models import QuoteLine
from orders.numbers import ALPHABET

HEX, WORD = "\x01", "\x02"  # where the copy's number goes: as 8 hex digits, as 4 letters of an order number
TOKEN = re.compile(r"[\w-]{6,}")

# Columns whose values nobody else may have, beside the ids.
OWN = {
    "orders.Checkout": ("token",),
    "payments.Payment": ("processor_ref",),
    "payments.Refund": ("processor_ref",),
    "payments.Payout": ("bank_reference",),
    "payments.BankFile": ("message_id",),
    "payments.Settlement": ("reference",),
    "payments.Fill": ("reference",),
    "payments.Chargeback": ("processor_ref",),
    "payments.InboxEvent": ("event_id",),
    "payments.Case": ("ref",),
    "payments.ChainAddress": ("address",),
    "payments.ChainReceipt": ("txid",),
}


@dataclass(slots=True)
class Names:
    """The names to be replaced, each with a text that has HEX or WORD where the copy's number goes."""

    plain: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)  # with blanks or other signs: found by searching

    @classmethod
    def of(cls, copied: Iterable[type[models.Model]]) -> Names:
        """Of all orders in the database; `copied` are the tables."""
        names = cls()
        for number in QuoteLine.objects.values_list("ref", flat=True).distinct():
            names.plain[number] = f"{number[:5]}{WORD}{number[9:]}"
        for model in copied:
            if isinstance(model._meta.pk, models.UUIDField):
                names._add_ids(model)
        for label, columns in OWN.items():
            for column in columns:
                values = apps.get_model(label)._default_manager.values_list(column, flat=True)
                names._add(value for value in values if value)
        return names

    def _add_ids(self, model: type[models.Model]) -> None:
        for one in model._default_manager.values_list("pk", flat=True):
            self.plain[str(one)] = str(one)[:-8] + HEX
            self.plain[one.hex] = one.hex[:-8] + HEX

    def _add(self, values: Iterable[str]) -> None:
        for value in values:
            if self.in_text(value) != value:
                continue  # it names something else that is copied
            other = value[:-8] + HEX if len(value) >= 20 else f"{value}-{HEX}"
            (self.plain if TOKEN.fullmatch(value) else self.odd).setdefault(value, other)

    def in_text(self, text: str) -> str:
        """`text` with all names replaced."""
        for name, other in self.odd.items():
            text = text.replace(name, other)
        return TOKEN.sub(lambda found: self.plain.get(found.group(), found.group()), text)

    def words_after(self, count: int) -> int:
        """The number that is followed by `count` of which none is, as a word, in an order number that is copied."""
        before = 0
        for value in sorted(_value(name[5:9]) for name, other in self.plain.items() if WORD in other):
            if before < value <= before + count:
                before = value
        return before


def _value(letters: str) -> int:
    """The opposite of `word`."""
    value = 0
    for letter in letters:
        value = value * len(ALPHABET) + ALPHABET.index(letter)
    return value


def word(number: int) -> str:
    """`number` as four letters of an order number."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters
