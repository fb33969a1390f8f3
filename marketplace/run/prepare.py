"""What must be done before the demo can serve: each step once, and again when its inputs change.

Run as `python -m marketplace.run.prepare`, with the demo's environment; prints `step: …` as it
begins each. With `later` it does what may be done while the demo already serves. `prepared.json`
in the data folder remembers a digest of each step's inputs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from marketplace.run import translations
from marketplace.run.places import BASE, demo_folder

APPS = ("marketplace", "fx", "listings", "payments", "orders")
DATABASE = "ENTREPOT_DATABASE_IDENTITY"  # changes when the data folder is made anew
STEP = "step: "
FIRST_GOODS = "--listings=12"  # enough to look at; the rest is drawn while the demo serves
SEED_WORDS = "ENTREPOT_SEED_ARGS"  # further arguments for `seed`, for a smaller demo


@dataclass(frozen=True)
class Step:
    """`inputs` names what it depends on; `lost` says that its result is gone all the same."""

    title: str
    run: Callable[[], None]
    inputs: Callable[[], Iterable[str]]
    lost: Callable[[], bool] = lambda: False


def main(steps: Mapping[str, Step]) -> None:
    for name, step in steps.items():
        if not step.lost() and remembered().get(name) == digest(step):
            continue
        print(STEP + step.title, flush=True)
        before = digest(step)  # what is edited while the step runs is done at the next start
        step.run()
        remember(name, before)


# --- the steps -----------------------------------------------------------------------------------


def django(*words: str) -> None:
    import django as framework
    from django.core.management import call_command

    framework.setup()
    call_command(*words)


def migrate_inputs() -> Iterator[str]:
    yield os.environ.get(DATABASE) or os.environ.get("DATABASE_URL", "")
    for app in APPS:
        yield from contents((BASE / app / "migrations").glob("*.py"))


def seed_inputs() -> Iterator[str]:
    yield os.environ.get(SEED_WORDS, "")
    yield from migrate_inputs()
    yield from contents((BASE / "marketplace" / "seeding").rglob("*.*"))
    for app in APPS:
        yield from contents((BASE / app).rglob("*.csv"))


def static_inputs() -> Iterator[str]:
    yield from contents([BASE / "requirements.txt"])
    for folder in (BASE / "static", *(BASE / app / "static" for app in APPS)):
        yield from contents(folder.rglob("*"))


def static_lost() -> bool:
    return not (Path(os.environ["STATIC_ROOT"]) / "staticfiles.json").exists()


def translations_lost() -> bool:
    return not all(translations.compiled(source).exists() for source in translations.catalogues())


STEPS = {
    "translations": Step(
        "compiling translations",
        translations.compile_all,
        lambda: contents(translations.catalogues()),
        translations_lost,
    ),
    "static": Step(
        "collecting static files",
        lambda: django("collectstatic", "--noinput", "--clear", "--verbosity=0"),
        static_inputs,
        static_lost,
    ),
    "migrate": Step("migrating the database", lambda: django("migrate", "--verbosity=0"), migrate_inputs),
    "seed": Step(
        "seeding the marketplace",
        lambda: django("seed", *os.environ.get(SEED_WORDS, FIRST_GOODS).split()),
        seed_inputs,
    ),
}
LATER = {
    "goods": Step("drawing the other goods", lambda: django("seed"), seed_inputs),
    "pictures": Step("drawing further pictures", lambda: django("seed", "--more-pictures"), seed_inputs),
}

# --- remembering ---------------------------------------------------------------------------------


def contents(files: Iterable[Path]) -> Iterator[str]:
    """Each file's name and the digest of what it holds, in order."""
    for file in sorted(files):
        if file.is_file() and file.suffix != ".pyc":
            yield f"{file.relative_to(BASE)} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def digest(step: Step) -> str:
    return hashlib.sha256("\n".join(step.inputs()).encode()).hexdigest()


def remembered() -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((demo_folder() / "prepared.json").read_text()))
    return {}


def remember(name: str, value: str) -> None:
    file = demo_folder() / "prepared.json"
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(remembered() | {name: value}, indent=1))
    fresh.rename(file)


if __name__ == "__main__":
    main(LATER if "later" in sys.argv[1:] else STEPS)
