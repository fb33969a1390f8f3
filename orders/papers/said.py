"""Figures as every form writes them: without a language, so that any customs officer reads them."""

from __future__ import annotations

from fx.money import Money
from marketplace.lib.places import country_name
from orders.papers.declaration import Declaration, Party


def kilos(grams: int | None) -> str:
    return "" if grams is None else f"{grams // 1000}.{grams % 1000:03d}"


def money(amount: Money | None) -> str:
    """`1900.00 INR`."""
    return "" if amount is None else str(amount)


def country(code: str) -> str:
    return f"{country_name(code, 'en')} ({code})"


def party(who: Party) -> str:
    parts = [who.name, who.company if who.company != who.name else "", *who.lines, country(who.country)]
    return "\n".join(part for part in [*parts, f"Tel. {who.phone}" if who.phone else ""] if part)


def references(declared: Declaration) -> str:
    return ", ".join(f"{name} {number}" for name, number in declared.references)


def flat_duty(declared: Declaration) -> str:
    """`3.00 EUR each: 621490, 691200`; empty where none is asked."""
    return f"{declared.flat_duty} each: {', '.join(declared.flat_duty_codes)}" if declared.flat_duty else ""
