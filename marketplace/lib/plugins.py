"""Plug-ins: classes that a setting names. Ours are listed in the code, a third party's are found by their entry point.

What is wrong with one is a `PluginError` that names the plug-in, what was found and the way out; each app's system
check shows it, so that a broken package is seen when the project starts and never in the middle of a payment.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from django.core.exceptions import ImproperlyConfigured


class PluginError(ImproperlyConfigured):
    """No usable plug-in of this name; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of plug-in. `noun` is for people, `group` the entry-point group, `setting` what switches one on.

    `ours`: built-in ones by name, a class or "module:Class". A class has to repeat its name in the attribute `named`
    and to have what `needs` lists; `base` is its ancestor and `api` the version it has to be written for, if any.
    """

    noun: str
    group: str
    setting: str
    ours: Mapping[str, type | str]
    named: str
    base: type | None = None
    needs: Sequence[str] = ()
    api: int | None = None
    error: type[PluginError] = PluginError


@cache
def installed(group: str) -> tuple[EntryPoint, ...]:
    """What installed packages add to a group, in the order of their names."""
    return tuple(sorted(entry_points(group=group), key=lambda point: (point.name, point.value)))


def names(kind: Kind) -> list[str]:
    """Every name that could be switched on: ours, then theirs."""
    theirs = {point.name for point in installed(kind.group)}
    return [*kind.ours, *sorted(theirs - set(kind.ours))]


def origin(kind: Kind, name: str) -> str:
    """The packages that provide it, with their versions; empty for one of ours."""
    return ", ".join(_package(point) for point in installed(kind.group) if point.name == name)


def load(kind: Kind, name: str) -> type:
    """The class of `name`. The kind's error when it is missing, broken, not what it should be, or there twice."""
    theirs = [point for point in installed(kind.group) if point.name == name]
    found = ([kind.ours[name]] if name in kind.ours else []) + theirs
    if not found:
        raise kind.error(_unknown(kind, name))
    if len(found) > 1:
        packages = ", ".join(["Entrepôt itself"] * (name in kind.ours) + [_package(point) for point in theirs])
        raise kind.error(f"Several packages provide the {kind.noun} {name!r}: {packages}. Uninstall all but one.")
    return _checked(kind, name, _imported(kind, name, found[0]))


def _unknown(kind: Kind, name: str) -> str:
    theirs = ", ".join(sorted({point.name for point in installed(kind.group)})) or "none is installed"
    return (
        f"{kind.setting} has {name!r}, which is neither built in ({', '.join(kind.ours)}) nor an entry point of "
        f"{kind.group} ({theirs}). Install its package, or take the name out."
    )


def _imported(kind: Kind, name: str, found: type | str | EntryPoint) -> object:
    if isinstance(found, type):
        return found
    point = EntryPoint(name, found, kind.group) if isinstance(found, str) else found
    try:
        return point.load()
    except Exception as error:  # whatever a stranger's module does when it is imported
        where = f"{point.value} of {_package(point)}"
        raise kind.error(
            f"The {kind.noun} {name!r} ({where}) does not load: {type(error).__name__}: {error}. "
            "Mend or uninstall the package."
        ) from error


def _checked(kind: Kind, name: str, found: object) -> type:
    if not inspect.isclass(found) or (kind.base is not None and not issubclass(found, kind.base)):
        wanted = "class" if kind.base is None else f"{kind.base.__name__} class"
        raise kind.error(f"What provides the {kind.noun} {name!r} is no {wanted}: {found!r}. Mend its entry point.")
    said = getattr(found, kind.named, None)
    if said != name:
        raise kind.error(
            f"{found.__qualname__} is installed as the {kind.noun} {name!r}, but its {kind.named} is {said!r}. "
            "Both have to be the same."
        )
    api = getattr(found, "api", None)
    if kind.api is not None and api != kind.api:
        raise kind.error(
            f"{found.__qualname__} of {name!r} is written for API {api} of {kind.noun}s, this is API {kind.api}. "
            "Install a version of it that fits."
        )
    missing = sorted({*getattr(found, "__abstractmethods__", ()), *(n for n in kind.needs if not hasattr(found, n))})
    if missing:
        raise kind.error(f"{found.__qualname__} of {name!r} lacks {', '.join(missing)}.")
    return found


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "a package without a name"
