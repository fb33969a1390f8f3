"""A seller's payable on its way to them: where it goes, when, held, sent, failed, returned."""
