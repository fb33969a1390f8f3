"""Shared by the tests of payments."""

from __future__ import annotations

from tests.regtest import node

__all__ = ["node"]
