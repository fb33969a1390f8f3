"""Journals in a hash chain, its head signed once a day: what was posted cannot be changed unseen (docs/verifier/)."""
