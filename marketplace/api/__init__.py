"""Wiring of the API: addresses, start, schema, the page that explains it."""
