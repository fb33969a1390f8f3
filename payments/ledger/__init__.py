"""The books: double entry, append-only, kept balanced by the database (sql/ledger.sql)."""

from __future__ import annotations
