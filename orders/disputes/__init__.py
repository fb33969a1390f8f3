"""Buyer and seller disagree, or the buyer's bank asks the money back."""
