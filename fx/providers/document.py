"""What a provider says in JSON: read as text, so that no digit is lost; and tables of rates in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from fx.money import COINS, EXPONENT
from fx.providers.base import BadRates, positive


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`, UTF-8 only; numbers stay text. NaN, Infinity and a name said twice are refused."""
    try:
        found = json.loads(
            body.decode(), parse_float=str, parse_int=str, parse_constant=_refuse, object_pairs_hook=_once
        )
    except (ValueError, RecursionError):
        raise BadRates("is not the JSON it should be") from None
    if not isinstance(found, dict):
        raise BadRates("is not a JSON object")
    return found


def table(answer: Mapping[str, Any], *, base: str) -> dict[str, Decimal]:
    """`answer["rates"]`, units per one `base`: our ordinary currencies only. A coin is for markets to price.

    One number that cannot be right spoils them all.
    """
    if answer.get("base") != base:
        raise BadRates(f"has rates per {str(answer.get('base'))[:12]!r} instead of per {base!r}")
    rates = answer.get("rates")
    if not isinstance(rates, dict):
        raise BadRates("has no rates")
    known = {code: positive(rate, code) for code, rate in rates.items() if code in EXPONENT and code not in COINS}
    if not known:
        raise BadRates("has no rates")
    return known


def day(text: object) -> date:
    """A day like 2026-10-30."""
    try:
        return date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise BadRates(f"{str(text)[:20]!r} is not a day") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRates(f"has {twice[:12]} twice")
    return found
