"""Whether payouts are frozen, and what the audit says, for the banners in the admin: `{% frozen as freeze %}`."""

from __future__ import annotations

from django import template

from payments.auditing import trouble
from payments.payouts.freezing import frozen

register = template.Library()
register.simple_tag(frozen)
register.simple_tag(trouble, name="audit_trouble")
