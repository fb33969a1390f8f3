"""Who runs the platform, as an invoice has to say it; from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Operator:
    """`vat_id` empty: a small business that charges no tax. `tax_currency`: what its tax is declared in.

    `consumers` says which country taxes a fee to people elsewhere in the EU without a VAT number: `oss` theirs,
    `home` the operator's (under the threshold of 10,000 euro a year, article 59c), empty: nobody has said.
    """

    name: str
    address: str
    country: str
    vat_id: str
    tax_number: str
    tax_currency: str
    consumers: str

    @property
    def missing(self) -> list[str]:
        """Settings without which no invoice can be written."""
        said = {"OPERATOR_NAME": self.name, "OPERATOR_ADDRESS": self.address, "OPERATOR_COUNTRY": self.country}
        return [name for name, value in said.items() if not value]


def operator() -> Operator:
    return Operator(**settings.OPERATOR)
