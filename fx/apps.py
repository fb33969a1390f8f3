from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FxConfig(AppConfig):
    name = "fx"
    verbose_name = _("Exchange")

    def ready(self) -> None:
        from fx import checks  # noqa: F401 - registers the system checks once models are loaded
