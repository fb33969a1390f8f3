"""What we know about a contested payment, as one paper and as the answers on the bank's form."""
