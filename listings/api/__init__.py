"""Listings over the API: the shelf that everybody sees, and the seller's own."""
