from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0023_fill_refund_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="bankfile",
            name="taken_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="bankfile",
            name="taken_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="payoutdoubt",
            name="kind",
            field=models.CharField(
                choices=[
                    ("duplicate", "Looks like a payout of the last days"),
                    ("screening", "The screening has something against it"),
                    ("suspended", "The account of the seller is suspended"),
                    ("shared", "The destination is another seller's too"),
                ],
                max_length=10,
            ),
        ),
    ]
