from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("listings", "0005_no_withdrawal")]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="saving_share",
            field=models.PositiveSmallIntegerField(
                default=0, verbose_name="share of what a cheaper way to pay saves, percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.CheckConstraint(
                condition=models.Q(("saving_share__lte", 100)), name="shop_shares_at_most_all"
            ),
        ),
    ]
