"""What runs the product: servers, processes, checks. No module here needs Django to load."""

from __future__ import annotations
