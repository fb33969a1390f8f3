"""Netting windows: which conversions a window collects, what is left of each currency, and who saved how much."""
