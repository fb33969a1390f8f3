"""Calls to processors: rows to make them from, their outcomes, and the people who decide on unknown ones."""
