"""Numbers under which sellers are registered: customs, tax, packaging."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import marketplace.lib.clock

KINDS = [
    ("eori", "EORI, for customs"),
    ("vat", "VAT or GST"),
    ("ioss", "own IOSS"),
    ("epr-packaging", "EPR, packaging"),
    ("epr-textiles", "EPR, textiles"),
    ("epr-toys", "EPR, toys"),
    ("epr-furniture", "EPR, furniture"),
    ("epr-electrical", "EPR, electrical equipment"),
    ("epr-batteries", "EPR, batteries"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0010_weight_bands"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ShopNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=20, verbose_name="kind")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now, verbose_name="entered at")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="checked at")),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checked by",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="numbers", to="listings.shop"
                    ),
                ),
            ],
            options={
                "verbose_name": "seller's number",
                "verbose_name_plural": "sellers' numbers",
                "ordering": ["kind", "country"],
                "constraints": [
                    models.UniqueConstraint(fields=["shop", "kind", "country"], name="shop_number_once"),
                    models.CheckConstraint(
                        condition=Q(checked_at=None, checked_by=None)
                        | Q(checked_at__isnull=False, checked_by__isnull=False),
                        name="shop_number_checked_by_somebody",
                    ),
                ],
            },
        ),
    ]
