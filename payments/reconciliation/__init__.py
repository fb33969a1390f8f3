"""Processors' own records against our clearing accounts: healed where it can be, else for a person."""

from __future__ import annotations
