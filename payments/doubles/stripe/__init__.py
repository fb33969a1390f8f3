"""A stateful stand-in for Stripe on loopback, for the demo and for tests. It refuses to start anywhere else.

It speaks the v1 wire that the installed SDK sends: form bodies, idempotency, signed webhooks, hosted
pages. What the real one would refuse, it refuses: the SDK's own parameter types are the rule book.
"""

from __future__ import annotations

from payments.doubles.stripe.double import Double
from payments.doubles.stripe.faults import Fault

__all__ = ["Double", "Fault"]
