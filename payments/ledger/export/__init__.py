"""The whole ledger for other programs, as text that is made line by line."""
