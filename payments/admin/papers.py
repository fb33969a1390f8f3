"""Numbered papers to look at: receipts as they were issued. Nobody changes one, not even a superuser."""

from __future__ import annotations

import json
import uuid

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from marketplace.admin import ReadOnly
from marketplace.http import private_pdf
from payments.models import Paper


@admin.register(Paper)
class PaperAdmin(ReadOnly):
    list_display = ("number", "kind", "version", "ref", "issued_at", "document")
    list_filter = ("kind", "series__year")
    search_fields = ("=number", "=ref")
    ordering = ("-issued_at", "-seq")
    fields = ("number", "kind", "ref", "version", "corrects", "issued_at", "sha256", "said", "document")
    readonly_fields = fields

    @admin.display(description=_("document"))
    def document(self, paper: Paper) -> SafeString:
        return format_html('<a href="{}">PDF</a>', reverse("admin:payments_paper_pdf", args=[paper.pk]))

    @admin.display(description=_("what it says"))
    def said(self, paper: Paper) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(paper.body, ensure_ascii=False, indent=2))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pdf_view)
        return [path("<uuid:pk>/paper.pdf", view, name="payments_paper_pdf"), *super().get_urls()]

    def pdf_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(Paper, pk=pk)
        return private_pdf(bytes(found.pdf), f"{found.number}.pdf")
