"""Form fields that take what a person types and nothing that Python merely tolerates."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from fx.money import EXPONENT, Money, MoneyError, example
from listings.customs.rules import rulebook
from marketplace.lib.places import countries, country_name, is_country

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


class MoneyField(forms.CharField):
    """Money in one currency: plain digits and a point, from `low` to `high` minor units."""

    def __init__(self, *, currency: str, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.currency, self.low, self.high = currency, Money(low, currency), Money(high, currency)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "placeholder": example(currency)}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Money):
            return f"{value.decimal:.{EXPONENT[self.currency]}f}"
        return value

    def clean(self, value: Any) -> Money | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            money = Money.parse(text, self.currency)
        except MoneyError as error:
            raise ValidationError(str(error)) from error
        if not self.low <= money <= self.high:
            named = {"low": self.low, "high": self.high}
            raise ValidationError(_("Write an amount from %(low)s to %(high)s.") % named)
        return money


class WholeNumberField(forms.CharField):
    """An integer from `low` to `high`, in ASCII digits."""

    def __init__(self, *, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.low, self.high = low, high
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not _WHOLE.fullmatch(text) or not self.low <= int(text) <= self.high:
            named = {"low": self.low, "high": self.high}
            raise ValidationError(_("Write a whole number from %(low)d to %(high)d.") % named)
        return int(text)


class CountryField(forms.ChoiceField):
    """One country, by its name in the reader's language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [("", _("Choose …")), *countries(get_language() or "en")], **kwargs)


class CountriesField(forms.CharField):
    """Names or codes of countries with commas between them; `EU` is every member. Cleans to sorted codes."""

    def __init__(self, *, placeholder: Any, **kwargs: Any) -> None:
        super().__init__(max_length=4000, **kwargs)
        self.widget.attrs["placeholder"] = placeholder

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return ", ".join(country_name(code, get_language() or "en") for code in value)
        return value

    def clean(self, value: Any) -> list[str]:
        named = {name.casefold(): code for code, name in countries(get_language() or "en")}
        codes: set[str] = set()
        for word in filter(None, (part.strip() for part in super().clean(value).split(","))):
            codes |= self._codes(word, named)
        return sorted(codes)

    def _codes(self, word: str, named: dict[str, str]) -> set[str]:
        if word.upper() == "EU":
            return {code for code in rulebook().countries if rulebook().is_member(code)}
        code = word.upper() if is_country(word.upper()) else named.get(word.casefold())
        if code is None:
            message = _("“%(word)s” is no country that we know. Write names or two-letter codes, with commas.")
            raise ValidationError(message % {"word": word[:40]})
        return {code}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several files at once; cleans to a list."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"accept": "image/jpeg,image/png,image/webp,image/avif"}
        super().__init__(widget=ManyFiles(attrs=attrs), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list) else [data]
        return [super(PhotosField, self).clean(file, initial) for file in files if file or self.required]
