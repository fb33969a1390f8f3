"""JSON as strict as the database: bounded size and depth, whole numbers only, no lone surrogates, no NUL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    media_type = "application/json"
    most_bytes = MAX_BYTES

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(self.most_bytes + 1)
        if len(body) > self.most_bytes:
            most = self.most_bytes // 1024
            raise TooLarge(_("The body is too long. Send at most %(most)d KiB at a time.") % {"most": most})
        try:
            value = json.loads(
                body.decode("utf-8"),
                parse_constant=_no_constant,
                parse_float=_no_float,
                object_pairs_hook=_no_twins,
            )
            for text in _texts(value):
                _check_text(text)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not plain JSON in UTF-8: %(why)s") % {"why": _printable(error)}) from None
        return value


class PicturesParser(StrictJSONParser):
    """Where texts carry pictures in base64."""

    most_bytes = 8 * 1024 * 1024


def _texts(value: Any) -> Iterator[str]:
    """Every text in `value`, keys too, without recursion; ValueError when it is nested too deeply."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting += [(child, depth + 1) for child in item.values()]
        elif isinstance(item, list):
            waiting += [(child, depth + 1) for child in item]


def _check_text(text: str) -> None:
    text.encode("utf-8")  # UnicodeEncodeError, a ValueError, for half of a surrogate pair
    if "\x00" in text:
        raise ValueError("a text has a NUL character, leave it out")


def _printable(error: Exception) -> str:
    """The message without what itself could not be sent; Python's are about positions, ours about values."""
    return str(error)[:200].encode("ascii", "backslashreplace").decode("ascii")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _no_float(text: str) -> Any:
    raise ValueError(f'{text[:40]} has a fraction or an exponent; amounts are texts like "10.00"')


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return result
