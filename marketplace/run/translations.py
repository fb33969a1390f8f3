"""Compiles translations with Babel: a machine without gettext's programs can do it too."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from marketplace.run.places import BASE, Refusal

# What a translation must carry over as it is: %(name)s, %d, {name}, <a href="…">.
FIXED = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w+\}|<[^>]+>")


def catalogues() -> list[Path]:
    return sorted((BASE / "locale").glob("*/LC_MESSAGES/*.po"))


def compiled(source: Path) -> Path:
    return source.with_suffix(".mo")


def compile_all() -> None:
    """Writes each .mo beside its .po, whole or not at all."""
    for source in catalogues():
        fresh = source.with_suffix(".mo.new")
        with source.open("rb") as text, fresh.open("wb") as binary:
            write_mo(binary, read_po(text, locale=source.parts[-3]))
        fresh.rename(compiled(source))


def faults() -> list[str]:
    """What is wrong with the catalogues: placeholders that differ, fuzzy and empty entries."""
    found = []
    for source in catalogues():
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3], abort_invalid=True)
        for message in catalogue:
            if not message.id:
                continue
            where = f"{source.relative_to(BASE)}: {message.id!r}"
            if message.fuzzy or not all(strings(message.string)):
                found.append(f"{where} is not translated")
            elif not carries_over(message):
                found.append(f"{where} has other placeholders or tags than {message.string!r}")
            found += [f"{where}: {error}" for error in message.check(catalogue)]
    return found


def carries_over(message: Message) -> bool:
    """A plural's forms are compared with the English plural, which names every number."""
    wanted = sorted(FIXED.findall(strings(message.id)[-1]))
    return all(sorted(FIXED.findall(text)) == wanted for text in strings(message.string))


def strings(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def main() -> int:
    try:
        compile_all()
    except (OSError, ValueError) as error:
        raise Refusal(f"A translation does not compile: {error}") from error
    problems = faults()
    print("\n".join(problems) or f"{len(catalogues())} catalogues compiled, nothing missing")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
