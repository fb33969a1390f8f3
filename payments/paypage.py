"""The part of the pay page that belongs to the processor: its template, what that shows, and the sources it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.template.loader import select_template
from django.utils.translation import gettext as _

from payments.models import Payment
from payments.processors import registry
from payments.processors.base import Processor, Refused
from payments.processors.steps import Step, Wait, host_of, step_of

SHARED = "payments/pay.html"
OFF = "payments/off.html"


@dataclass(frozen=True, slots=True)
class PayPart:
    """`processor` is none, and the template says so, when the operator has switched it off since.

    `step` and `label` are for the page that all plug-ins share; a processor with a page of its own needs neither.
    """

    processor: Processor | None
    template: str
    label: str
    step: Step | None
    csp: Mapping[str, Sequence[str]]


def part_of(payment: Payment) -> PayPart:
    try:
        processor = registry.get(payment.processor)
    except registry.NoProcessor:
        return PayPart(None, OFF, payment.processor, None, {})
    own = f"payments/{payment.processor}/pay.html"
    found = str(select_template([own, SHARED]).template.name)
    step = _step(payment) if found == SHARED else None
    return PayPart(processor, found, _(str(processor.label)), step, _sources(processor, step))


def _step(payment: Payment) -> Step:
    """What the processor said last; nothing that a later version of ours would not make any more."""
    try:
        return step_of(payment.client)
    except (Refused, KeyError, TypeError, ValueError, AttributeError):
        return Wait()


def _sources(processor: Processor, step: Step | None) -> Mapping[str, Sequence[str]]:
    host = host_of(step) if step is not None else ""
    more = dict(processor.csp)
    if host:
        more["form-action"] = [*more.get("form-action", ()), host]
    return more
