"""The texts people accept, in versions; who accepted which is kept as a row."""

from __future__ import annotations

import re
from dataclasses import dataclass

from marketplace.lib.clock import now
from marketplace.models import Acceptance, LegalText, User

Kind = LegalText.Kind


def current(kind: str) -> LegalText:
    """The version in force. Raises LegalText.DoesNotExist, which names the way out."""
    text = LegalText.objects.filter(kind=kind, effective_at__lte=now()).order_by("-effective_at", "-pk").first()
    if text is None:
        raise LegalText.DoesNotExist(f"No {kind} text is in force. Publish one in the admin under Legal texts.")
    return text


def accept(text: LegalText, *, user: User | None, email: str, ref: str) -> Acceptance:
    """Keep that `email` accepted this version for `ref` (`signup`, `shop`, a checkout's public id); once."""
    row, _created = Acceptance.objects.get_or_create(text=text, email=email.lower(), ref=ref, defaults={"user": user})
    return row


def accepted(kind: str, *, email: str, ref: str) -> bool:
    """Whether the version in force was accepted by `email` for `ref`."""
    return Acceptance.objects.filter(text=current(kind), email=email.lower(), ref=ref).exists()


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    paragraphs: list[str]


def sections(text: LegalText) -> list[Section]:
    """The body as it is shown: a line `## Words` heads the paragraphs after it, empty lines part them."""
    found = [Section("", [])]
    for block in re.split(r"\n\s*\n", text.body.replace("\r", "").strip()):
        heading, _newline, words = block.partition("\n")
        if heading.startswith("## "):
            found.append(Section(heading[3:], []))
            block = words
        if block:
            found[-1].paragraphs.append(" ".join(block.split()))
    return found
