"""Whether payouts are frozen, for the banner in the admin: `{% frozen as freeze %}`."""

from __future__ import annotations

from django import template

from payments.freezing import frozen

register = template.Library()
register.simple_tag(frozen)
