"""Orders over the API: basket, quotes, checkouts, what you bought, what you sold, your balance."""
