"""A paper gets the next number of its series in the transaction that keeps it, so that none is lost or given twice."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from marketplace.lib.clock import now
from payments.models import Paper, PaperItem, Payment, Refund, Series

# Writes the document, once its number, its date and the paper that it corrects are known.
Write = Callable[[str, dt.datetime, Paper | None], bytes]


@transaction.atomic
def issue(
    *, kind: Series.Kind, ref: str, body: dict[str, Any], write: Write, says: Sequence[Payment | Refund]
) -> Paper:
    """The next paper about `ref`, which corrects the one before it. `says` is what no paper has said so far.

    The caller holds a lock on what `ref` names. The series stays locked until the transaction ends: a rollback
    gives the number back, and nobody else has taken a later one meanwhile.
    """
    before = latest(kind, ref)
    at = now()
    series = _next(kind, at.astimezone(dt.UTC).year)
    number = series.number(series.last)
    pdf = write(number, at, before)
    paper = Paper.objects.create(
        series=series,
        seq=series.last,
        number=number,
        kind=kind,
        ref=ref,
        version=before.version + 1 if before else 1,
        corrects=before,
        body=body,
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        issued_at=at,
    )
    for one in says:
        PaperItem.objects.create(paper=paper, **{"payment" if isinstance(one, Payment) else "refund": one})
    return paper


def latest(kind: Series.Kind, ref: str) -> Paper | None:
    return Paper.objects.filter(kind=kind, ref=ref).defer("pdf").order_by("-version").first()


def _next(kind: Series.Kind, year: int) -> Series:
    Series.objects.get_or_create(kind=kind, year=year)
    series = Series.objects.select_for_update().get(kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series
