from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`?page=2`; at most 10,000 pages, so that nobody counts a table by paging to its end."""

    page_size = 24
    max_page = 10_000
