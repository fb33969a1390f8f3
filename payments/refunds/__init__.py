"""Money on its way back to the buyer: how much, in which money, where to, sent."""
