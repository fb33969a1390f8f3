"""Netting windows held against the books: what the platform really holds, and when a window closes."""
