"""Uploaded files. A multipart body becomes a form, so that an upload is checked and replayed like any call."""

from __future__ import annotations

import email.parser
import email.policy
import hashlib
import urllib.parse
from typing import TYPE_CHECKING

from payments.doubles.stripe.errors import invalid
from payments.doubles.stripe.store import Obj

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

MOST_BYTES = 5 * 1024 * 1024
KINDS = {b"%PDF-": "pdf", b"\x89PNG": "png", b"\xff\xd8\xff": "jpg"}


def is_upload(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").startswith("multipart/form-data")


def as_form(double: Double, data: bytes, headers: dict[str, str]) -> str:
    """The same fields as a form; of a file its digest, under which `double.uploads` keeps the bytes."""
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + data)
    fields = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            digest = hashlib.sha256(content).hexdigest()
            double.uploads[digest] = content
            fields.append((str(name), digest))
        else:
            fields.append((str(name), content.decode("utf-8", "replace")))
    return urllib.parse.urlencode(fields)


def create(double: Double, asked: Obj) -> Obj:
    """Evidence is a PDF or a picture of at most 5 MB."""
    content = double.uploads.get(asked["file"], b"")
    kind = next((kind for start, kind in KINDS.items() if content.startswith(start)), "")
    if asked["purpose"] == "dispute_evidence" and not kind:
        raise invalid("Invalid file: evidence is a PDF, a PNG or a JPEG.", param="file")
    if len(content) > MOST_BYTES:
        raise invalid("The file exceeds the maximum size of 5 MB.", param="file")
    return double.store.new(
        "file", filename=asked["file"], purpose=asked["purpose"], size=len(content), type=kind, url=None
    )
