"""Where mid-market rates come from: one module per provider, found by name in `registry`."""

from __future__ import annotations
