"""The suffering site's settings with the naive functions in place of the product's: `NAIVE` names the variant."""

from __future__ import annotations

from tests.chaos.settings import *  # noqa: F403
from tests.chaos.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.chaos.naive.apps.Naive"]
