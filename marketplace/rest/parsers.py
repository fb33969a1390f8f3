"""JSON as strict as the database: bounded size and depth, no NaN, no lone surrogates, no NUL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ParseError(f"The body is longer than {MAX_BYTES} bytes. Send less at a time.")
        try:
            text = body.decode("utf-8")
            _check_depth(text)
            value = json.loads(
                text,
                parse_constant=_no_constant,
                parse_float=_no_float,
                object_pairs_hook=_no_twins,
            )
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is not plain JSON in UTF-8: {str(error)[:200]}") from None
        if "\x00" in text or "\\u0000" in text:
            raise ParseError("The body has a NUL character. Leave it out.")
        return value


def _check_depth(text: str) -> None:
    depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _no_float(text: str) -> Any:
    raise ValueError(f'{text} has a fraction; amounts are texts like "10.00"')


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return result
