"""What a seller has with us: payable, debt, reserve, and what they spend of it."""
