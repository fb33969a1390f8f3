"""How one writes it first, and what is wrong with it. Each module replaces a few functions of the product, in the
test's own processes only, so that it is seen that the harness finds what happens then.

`forgetful`: sends again without looking, and without a key. `hasty`: says that it is done, then does it.
`trusting`: books what a webhook says when it comes, and notes later that it was applied.
"""

from __future__ import annotations

from importlib import import_module

Patch = tuple[object, str, object]  # where, which name, by what

VARIANTS = ("forgetful", "hasty", "trusting")


def patches(variant: str) -> list[Patch]:
    found: list[Patch] = import_module(f"{__name__}.{variant}").PATCHES
    return found
