"""Customs papers of a parcel: what it declares, which form it needs, the forms, and the same facts as data."""
