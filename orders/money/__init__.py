"""The seller's money, told in words."""
