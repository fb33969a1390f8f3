"""Whether somebody may be paid, asked of providers before the first money leaves; a hit waits for a person."""
