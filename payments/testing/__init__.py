"""What every processor has to pass, ours and third parties': subclass `ProcessorContract` in a test.

class TestAcme(ProcessorContract):
    @pytest.fixture
    def subject(self, acme_double): return AcmeSubject(acme_double)

docs/processors.md says why each clause is there.
"""

from __future__ import annotations

import pytest

_PARTS = ("paying", "refunding", "payouts", "webhooks", "records", "exchange")
pytest.register_assert_rewrite(*(f"payments.testing.{part}" for part in _PARTS), "payments.testing.subject")

from payments.testing.paying import Paying  # noqa: E402 - after their asserts were taken care of
from payments.testing.payouts import PayingOut  # noqa: E402
from payments.testing.records import Records  # noqa: E402
from payments.testing.refunding import Refunding  # noqa: E402
from payments.testing.subject import Subject, Webhook  # noqa: E402
from payments.testing.webhooks import Webhooks  # noqa: E402

__all__ = ["ProcessorContract", "Subject", "Webhook"]


class ProcessorContract(Paying, Refunding, PayingOut, Webhooks, Records):
    """Same key one effect; three outcomes, not two; exact money; nothing believed that is not signed."""

    @pytest.fixture
    def subject(self) -> Subject:
        raise NotImplementedError("Return your Subject from the fixture `subject`.")
