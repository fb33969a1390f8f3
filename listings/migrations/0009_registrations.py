"""The operator's registrations: one of a scheme at a time, ended once, never deleted."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import marketplace.lib.clock

FORWARD = """
ALTER TABLE listings_registration ADD CONSTRAINT registration_one_at_a_time
  EXCLUDE USING gist (scheme WITH =, daterange(valid_from, valid_until) WITH &&);
CREATE FUNCTION listings_registration_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' AND OLD.valid_until IS NULL AND
     (OLD.id, OLD.scheme, OLD.number, OLD.country, OLD.valid_from, OLD.note, OLD.by_id, OLD.at) =
     (NEW.id, NEW.scheme, NEW.number, NEW.country, NEW.valid_from, NEW.note, NEW.by_id, NEW.at)
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a registration is ended once, and nothing else of it is changed'
    USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER listings_registration_ro BEFORE UPDATE OR DELETE ON listings_registration
  FOR EACH ROW EXECUTE FUNCTION listings_registration_kept();
"""
REVERSE = """
DROP TRIGGER listings_registration_ro ON listings_registration;
DROP FUNCTION listings_registration_kept();
ALTER TABLE listings_registration DROP CONSTRAINT registration_one_at_a_time;
"""


def person(**more: object) -> models.ForeignKey[object, object]:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("listings", "0008_rule_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Registration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scheme", models.CharField(max_length=10, verbose_name="scheme")),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("country", models.CharField(max_length=2, verbose_name="country that gave it")),
                ("valid_from", models.DateField(verbose_name="in force from")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="first day without it")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("by", person(verbose_name="entered by")),
                ("at", models.DateTimeField(default=marketplace.lib.clock.now, verbose_name="entered at")),
                ("ended_by", person(verbose_name="ended by", null=True, blank=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
            ],
            options={
                "verbose_name": "registration",
                "verbose_name_plural": "registrations",
                "ordering": ["scheme", "-valid_from", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                        name="registration_ends_after_it_starts",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, REVERSE),
    ]
