"""Pages of no single app: home, the visitor's choices, the account, legal texts, health. Wiring."""

from __future__ import annotations
