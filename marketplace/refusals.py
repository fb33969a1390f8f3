"""What a page says when it could not do what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest


@contextmanager
def told(request: HttpRequest, *refusals: type[Exception]) -> Iterator[None]:
    """Leave the block at one of `refusals` and say its sentence on the next page; all else passes."""
    try:
        yield
    except refusals as refusal:
        messages.error(request, str(refusal))


def sentence(form: BaseForm) -> str:
    """All that is wrong with a form, for a page that does not show the form again."""
    return " ".join(str(text) for texts in form.errors.values() for text in texts)
