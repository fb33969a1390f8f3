"""Ways back: what is canceled, withdrawn from, returned, refunded."""
