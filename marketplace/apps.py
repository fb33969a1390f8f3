from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Importing the Celery app here makes it the default that `shared_task` binds to.
from marketplace.celery import app as celery_app

__all__ = ["MarketplaceConfig", "celery_app"]


class MarketplaceConfig(AppConfig):
    name = "marketplace"
    verbose_name = _("People")

    def ready(self) -> None:
        from marketplace import checks, former  # noqa: F401 - registers checks and receivers once models are loaded
