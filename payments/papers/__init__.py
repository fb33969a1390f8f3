"""Papers with numbers that have no gap: issued under a lock, kept as they were, whatever they are about."""
