"""What the environment says: readers that are loud on nonsense, and where we are: production, demo or test."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]


def text(name: str, default: str | None = None) -> str:
    """The variable's value; without a default an unset or empty one refuses to start."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; docs/operate.md says to what.")
    return default


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default))
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name}={value!r} is neither True nor False.")
    return value == "True"


def number(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number from {low} to {high}.")
    return int(value)


def one_of(name: str, default: str, values: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in values:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(values)}.")
    return value


def listed(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def named_like(prefix: str) -> dict[str, str]:
    """What every set variable that begins with `prefix` says, by the rest of its name in small letters."""
    set_ones = {name: value.strip() for name, value in os.environ.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix).lower(): value for name, value in set_ones.items() if value}


def pairs(name: str, default: str = "") -> dict[str, str]:
    """Values by currency, like EUR:5,JPY:500."""
    found = [item.partition(":") for item in listed(name, default)]
    for key, colon, value in found:
        if not (key and colon and value):
            raise ImproperlyConfigured(f"{name}={key + colon + value!r} is no pair. Write it like EUR:5,JPY:500.")
    return {key: value for key, _colon, value in found}


def whole_pairs(name: str, low: int, high: int) -> dict[str, int]:
    """Whole numbers by currency, like USD:30,JPY:40."""
    found = pairs(name)
    for key, value in found.items():
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ImproperlyConfigured(f"{name} has {value!r} for {key}, no whole number from {low} to {high}.")
    return {key: int(value) for key, value in found.items()}


ENV = text("ENTREPOT_ENV", "production")
if ENV not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"ENTREPOT_ENV={ENV!r} is none of production, demo, test.")
DEMO, TEST = ENV == "demo", ENV == "test"
SANDBOX = DEMO or TEST  # parts that stand in for the outside world load only here
