"""Parameters are checked against the SDK's own TypedDicts: a name, type or value that it does not know is refused."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, Union

from stripe import RequestOptions, StripeObject
from typing_extensions import is_typeddict

from payments.doubles.stripe.errors import ApiError, invalid

# Names that the SDK's modules import for type checkers only.
_UNSEEN: dict[str, Any] = {"StripeContext": str, "Mapping": Mapping}
_NOT_ON_THE_WIRE = frozenset(typing.get_type_hints(RequestOptions, localns=_UNSEEN))


@lru_cache(maxsize=256)
def _fields(rules: type) -> dict[str, Any]:
    hints = typing.get_type_hints(rules, localns=_UNSEEN)
    return {name: hint for name, hint in hints.items() if name not in _NOT_ON_THE_WIRE}


def check(given: dict[str, Any], rules: type, path: str = "") -> dict[str, Any]:
    """`given` with its numbers and booleans made such; ApiError 400 for what `rules` does not allow."""
    fields = _fields(rules)
    for name in given:
        if name not in fields:
            full = _join(path, name)
            raise invalid(f"Received unknown parameter: {full}", code="parameter_unknown", param=full)
    for name in getattr(rules, "__required_keys__", frozenset()):
        if name in fields and name not in given:
            full = _join(path, name)
            raise invalid(f"Missing required param: {full}.", code="parameter_missing", param=full)
    return {name: _value(value, fields[name], _join(path, name)) for name, value in given.items()}


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(value: Any, hint: Any, path: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _any_of(value, args, path)
    if origin is Literal:
        if value in args:
            return value
        raise invalid(f"Invalid {path}: must be one of {', '.join(map(str, args))}", param=path)
    if origin is list:
        return [_value(item, args[0], path) for item in _list(value, path)]
    if origin is dict:
        return {str(name): _value(item, args[1], path) for name, item in _dict(value, path).items()}
    if is_typeddict(hint):
        return check(_dict(value, path), hint, path)
    return _plain(value, hint, path)


def _any_of(value: Any, options: tuple[Any, ...], path: str) -> Any:
    """Of several allowed types: nested rules for a nested value, else the first that fits."""
    problem: ApiError | None = None
    named = {name for option in options for name in _names(option)} - {""}
    for option in sorted(options, key=lambda option: option is str):
        if is_typeddict(option) and not isinstance(value, dict):
            continue
        if option is str and named:  # the SDK leaves room for names to come; Stripe does not
            continue
        if issubclass(_class(option), StripeObject):  # the SDK's own objects are not on the wire
            continue
        try:
            return _value(value, option, path)
        except ApiError as error:
            problem = error
    raise problem or invalid(f"Invalid {path}: {value!r}", param=path)


def _names(option: Any) -> tuple[Any, ...]:
    return typing.get_args(option) if typing.get_origin(option) is Literal else ()


def _class(option: Any) -> type:
    found = typing.get_origin(option) or option
    return found if isinstance(found, type) else object


def _plain(value: Any, hint: Any, path: str) -> Any:
    if isinstance(value, (dict, list)) and hint in (str, int, bool):
        raise invalid(f"Invalid {hint.__name__}: {value!r}", param=path)
    if hint is int:
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        return int(value)
    if hint is bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param=path)
        return value == "true"
    return value


def _list(value: Any, path: str) -> list[Any]:
    if value == "":
        return []
    if not isinstance(value, list):
        raise invalid(f"Invalid array: {value!r}", param=path)
    return value


def _dict(value: Any, path: str) -> dict[str, Any]:
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"Invalid object: {value!r}", param=path)
    return value
