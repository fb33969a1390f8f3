"""Which carrier has a parcel, whether its number can be right, and where the carrier shows it."""
