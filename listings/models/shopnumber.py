"""Numbers under which a seller is registered: for customs, for tax, and for packaging and other waste."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from listings.models.shop import Shop
from marketplace.lib.clock import now
from marketplace.models import User


class ShopNumber(models.Model):
    """One number of a shop, of one kind in one country. *Checked* only when a person compared it with a register."""

    class Kind(models.TextChoices):
        EORI = "eori", _("EORI, for customs")
        VAT = "vat", _("VAT or GST")
        IOSS = "ioss", _("own IOSS")
        PACKAGING = "epr-packaging", _("EPR, packaging")
        TEXTILES = "epr-textiles", _("EPR, textiles")
        TOYS = "epr-toys", _("EPR, toys")
        FURNITURE = "epr-furniture", _("EPR, furniture")
        ELECTRICAL = "epr-electrical", _("EPR, electrical equipment")
        BATTERIES = "epr-batteries", _("EPR, batteries")

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    country = models.CharField(_("country"), max_length=2)
    number = models.CharField(_("number"), max_length=40)
    at = models.DateTimeField(_("entered at"), default=now)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    checked_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("checked by")
    )

    class Meta:
        verbose_name = _("seller's number")
        verbose_name_plural = _("sellers' numbers")
        ordering: ClassVar[list[str]] = ["kind", "country"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shop", "kind", "country"], name="shop_number_once"),
            models.CheckConstraint(
                condition=models.Q(checked_at=None, checked_by=None)
                | models.Q(checked_at__isnull=False, checked_by__isnull=False),
                name="shop_number_checked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def checked(self) -> bool:
        return self.checked_at is not None
