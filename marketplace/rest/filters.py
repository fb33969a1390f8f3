"""Filters of lists: `?status=paid`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


class Filters(DjangoFilterBackend):  # type: ignore[misc]  # it ships no types
    """A filter without a value is a slip of the caller, not "everything"."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        known = filterset.get_filters() if filterset is not None else {}
        empty = [name for name in known if request.query_params.get(name) == ""]
        if empty:
            raise ValidationError({name: [_("Give a value, or leave the parameter out.")] for name in empty})
        return filterset
