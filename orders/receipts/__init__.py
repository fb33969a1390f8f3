"""Receipts for buyers: what was paid, to whom it goes and what came back, one series without gaps."""
