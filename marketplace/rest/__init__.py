"""Shared pieces of the API: strict JSON and fields, pages, problem answers (RFC 9457), idempotent calls, throttles."""
