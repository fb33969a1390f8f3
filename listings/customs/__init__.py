"""What the border asks: dated rules, landed cost, stops."""
