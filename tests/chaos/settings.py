"""The demo's settings, but blocks come from the test's own network, and sweeps come sooner."""

from __future__ import annotations

from marketplace import settings
from marketplace.settings import *  # noqa: F403

OFTEN = 5.0  # seconds between sweeps that move orders
DEMO = False  # the demo would mine on our node
for _name in (
    "drain operations",
    "drain inbox",
    "poll chains",
    "meet deadlines",
    "settle chargebacks",
    "free reserves",
    "look at payees",
    "close windows",
):
    settings.CELERY_BEAT_SCHEDULE[_name]["schedule"] = OFTEN
# A window closes with the first euro that waits, not once a day.
NETTING_LIMITS = {"EUR": "0.01"}
settings.CELERY_BEAT_SCHEDULE["reconcile"]["schedule"] = 6 * OFTEN
STORAGES = {
    **settings.STORAGES,  # nobody collected the static files
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
