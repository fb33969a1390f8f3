"""Finds every text marked for translation, and brings the catalogues up to date with them.

Python itself reads the Python files; Django turns its templates into calls that Babel can read. gettext's programs are
not needed. `python -m marketplace.run.messages` (or `make messages`) leaves new texts empty in each .po, to be
translated: the check of the catalogues (`marketplace.run.translations`) and a test fail until they are.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from marketplace.run.places import BASE
from marketplace.run.translations import catalogues, strings

FOLDERS = ("marketplace", "fx", "listings", "payments", "orders", "templates")
TEMPLATES = {".html", ".txt"}
# What each function is given first: a text, a text and its plural, or its context before them.
TEXT, PLURAL = ("text",), ("text", "plural")
CONTEXT, CONTEXT_PLURAL = ("context", *TEXT), ("context", *PLURAL)
FUNCTIONS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), TEXT),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), CONTEXT_PLURAL),
}
FOR_BABEL = {TEXT: None, PLURAL: (1, 2), CONTEXT: ((1, "c"), 2), CONTEXT_PLURAL: ((1, "c"), 2, 3)}


@dataclass(frozen=True, slots=True)
class Marked:
    """One text in the code, with its plural where it has one; the context tells it from its namesakes."""

    text: str | tuple[str, ...]
    context: str | None
    line: int


def in_template(source: str) -> Iterator[Marked]:
    """Of the calls that Django makes of it, the page's indentation is dropped: Python would stumble over it."""
    calls = "\n".join(line.strip() for line in templatize(source).split("\n"))
    keywords = {name: FOR_BABEL[shape] for name, shape in FUNCTIONS.items()}
    for line, text, _comments, context in extract("python", BytesIO(calls.encode()), keywords):
        yield Marked(text, context, line)


def in_python(source: str) -> Iterator[Marked]:
    """Also inside f-strings, where Babel looks under some versions of Python only."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: call.lineno):
        shape = FUNCTIONS.get(getattr(call.func, "attr", getattr(call.func, "id", "")), ())
        given = dict(zip(shape, (getattr(argument, "value", None) for argument in call.args), strict=False))
        context = given.pop("context", None)
        texts = tuple(text for text in given.values() if isinstance(text, str))
        if texts:
            yield Marked(texts if len(texts) > 1 else texts[0], context, call.lineno)


def marked() -> Catalog:
    """Every marked text in the order of the files; where it stands is for the reader of a failed test."""
    catalogue = Catalog()
    for folder in FOLDERS:
        for path in sorted(path for path in (BASE / folder).rglob("*") if path.suffix in TEMPLATES | {".py"}):
            found = in_python if path.suffix == ".py" else in_template
            for one in found(path.read_text(encoding="utf-8")):
                catalogue.add(one.text, context=one.context, locations=[(str(path.relative_to(BASE)), one.line)])
    return catalogue


def update(source: Path) -> int:
    """Rewrites one .po without line numbers and dates, so that a diff shows words alone.

    Returns how many texts wait for a translator now.
    """
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
    catalogue.update(marked(), no_fuzzy_matching=True, update_creation_date=False)
    out = BytesIO()
    write_po(out, catalogue, width=120, no_location=True, ignore_obsolete=True)
    source.write_bytes(out.getvalue())
    return sum(1 for message in catalogue if message.id and not all(strings(message.string)))


def main() -> int:
    for source in catalogues():
        print(f"{source.relative_to(BASE)}: {update(source)} texts to translate")
    return 0


if __name__ == "__main__":
    sys.exit(main())
