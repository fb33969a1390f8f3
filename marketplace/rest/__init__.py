"""Shared pieces of the API: strict JSON, pages, problem answers (RFC 9457), idempotent calls, the schema."""
