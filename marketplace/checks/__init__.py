"""`manage.py check --deploy --database default`: what a production site still lacks, by name and with the way out."""

from __future__ import annotations

from marketplace.checks import environment, money, stored

__all__ = ["environment", "money", "stored"]
