"""What a provider of screening promises. A package adds its own by the entry point `marketplace.screening`,
naming a class that takes no arguments; settings.SCREENING_PROVIDERS names those that are asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid and where to. `names` as the account and the bank have them, `countries` of the person and the
    bank, `destination` an account number, IBAN or coin address; what is not known is left out."""

    names: tuple[str, ...]
    countries: tuple[str, ...]
    destination: str


class ScreeningUnavailable(Exception):
    """The provider cannot say now. Nothing is paid until it can."""


class ScreeningProvider(ABC):
    """Asked once for each payout and each refund to a coin's address.

    `offline`: it answers from this machine at once, and is asked where the payout is asked for; others are asked by
    the sweep, outside of any transaction.
    """

    slug: ClassVar[str]
    offline: ClassVar[bool] = False

    @abstractmethod
    def screen(self, payee: Payee) -> str:
        """Why a person has to look, or an empty text. Raises ScreeningUnavailable."""
