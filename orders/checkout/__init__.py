"""From a basket to an order: priced at the buyer's door, quoted per rail, shown, placed."""
