"""Lists come in pages: `?page=2`."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    page_size = 24
    page_query_description = "Which page, from 1."
