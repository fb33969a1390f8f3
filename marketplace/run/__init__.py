"""The machinery around the product: servers, processes, checks. Nothing here imports Django at import time."""

from __future__ import annotations
