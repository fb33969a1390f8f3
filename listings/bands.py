"""Prices by weight as a seller types them: a line each, grams and what the parcel costs, `500: 12.00`."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fx.money import EXPONENT, Money, MoneyError, example
from listings.services.shops import Band

MOST = 20
_LINE = re.compile(r"\s*([0-9]{1,6})\s*g?\s*[:=]\s*(\S+)\s*", re.ASCII | re.IGNORECASE)


class BandsField(forms.CharField):
    """Cleans to bands in `currency`, lightest first, each price from 0 to `high` minor units."""

    def __init__(self, *, currency: str, high: int, **kwargs: Any) -> None:
        rows = forms.Textarea(attrs={"rows": 3, "placeholder": f"500: {example(currency)}"})
        super().__init__(required=False, max_length=1000, widget=rows, **kwargs)
        self.currency, self.high = currency, Money(high, currency)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return "\n".join(f"{upto}: {money.decimal:.{EXPONENT[self.currency]}f}" for upto, money in value)
        return value

    def clean(self, value: Any) -> list[Band]:
        lines = [line for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST:
            raise ValidationError(_("Write at most %d lines.") % MOST)
        bands = [self._band(line) for line in lines]
        steps = [upto for upto, _price in bands]
        if steps != sorted(set(steps)) or 0 in steps:
            raise ValidationError(_("Write the lightest first, and each weight once."))
        return bands

    def _band(self, line: str) -> Band:
        found = _LINE.fullmatch(line)
        if found is None:
            named = {"line": line.strip()[:40], "example": f"500: {example(self.currency)}"}
            raise ValidationError(_("“%(line)s” is no weight with a price. Write it like “%(example)s”.") % named)
        try:
            price = Money.parse(found[2], self.currency)
        except MoneyError as error:
            raise ValidationError(str(error)) from error
        if not 0 <= price.amount <= self.high.amount:
            bounds = {"low": Money(0, self.currency), "high": self.high}
            raise ValidationError(_("Write an amount from %(low)s to %(high)s.") % bounds)
        return int(found[1]), price
