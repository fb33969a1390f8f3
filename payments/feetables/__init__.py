"""What processors ask for: dated rows that an operator keeps, and the estimate that a quote makes of them."""
