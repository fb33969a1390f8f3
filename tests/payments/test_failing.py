"""A payout that came back: letters, asking again, dormant at last."""

from __future__ import annotations

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from orders import work
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import Payout
from payments.payouts import failing
from payments.payouts.life import cancel_payout, make_bank_file, mark_failed, request_payout
from tests.payments.test_payouts import approved

pytestmark = pytest.mark.django_db
INR = Money(239_100, "INR")


@pytest.fixture
def failed(alice: User, finance: User, admin: User) -> Payout:
    payout = approved(alice, finance, INR)
    make_bank_file([payout], by=finance)
    return mark_failed(payout, by=admin, problem="AC04 account closed")


def letters() -> list[str]:
    about = Letter.objects.filter(key__startswith="payout:").order_by("pk")
    return [letter.key.split(":")[2] + letter.key.split(":")[3] for letter in about if ":failed:" in letter.key] + [
        "dormant" for letter in about if ":dormant:" in letter.key
    ]


def days_later(*days: float) -> None:
    for day in days:
        with shifted(days=day, minutes=1):
            work.remind_of_payouts()
            work.remind_of_payouts()


def test_the_seller_is_reminded_four_times_then_it_is_dormant(failed: Payout) -> None:
    assert letters() == ["failed0"]
    days_later(0.5, 1, 2, 7, 8, 30, 31, 90, 179)
    assert letters() == ["failed0", "failed1", "failed7", "failed30", "failed90"]
    assert Payout.objects.filter(dormant_at=None).count() == 1
    days_later(180, 200, 400)
    assert Payout.objects.filter(dormant_at__isnull=False, state="failed").count() == 1
    assert letters()[5:] == ["dormant"]
    assert balance(codes.seller(failed.seller_id, "INR")) == INR
    assert request_payout(seller=failed.seller, currency="INR", by=failed.seller).amount == INR


def test_a_worker_that_slept_writes_one_letter_not_two(failed: Payout) -> None:
    days_later(8, 29, 30)
    assert letters() == ["failed0", "failed8", "failed30"]


def test_the_letter_says_why_and_where_to_mend_it(failed: Payout) -> None:
    letter = Letter.objects.get(key__contains=":failed:0")
    assert letter.subject == "Your payout of ₹2,391.00 came back"
    for said in ("AC04 account closed", "…9012", "/sell/money/"):
        assert said in letter.body
    days_later(7)
    assert "For 7 days ₹2,391.00 has been waiting" in Letter.objects.get(key__contains=":failed:7").body


def test_who_asks_again_is_reminded_no_more(failed: Payout) -> None:
    again = request_payout(seller=failed.seller, currency="INR", by=failed.seller)
    failed.refresh_from_db()
    assert (failed.followed_by, failed.remind_at) == (again, None)
    days_later(1, 7, 180)
    assert letters() == ["failed0"]


def test_who_cancels_the_second_is_reminded_of_the_first(failed: Payout) -> None:
    again = request_payout(seller=failed.seller, currency="INR", by=failed.seller)
    cancel_payout(again, by=failed.seller)
    failed.refresh_from_db()
    assert failed.followed_by is None
    days_later(1, 7)
    assert letters() == ["failed0", "failed1", "failed7"]


def test_a_reminder_that_is_not_due_is_not_written(failed: Payout) -> None:
    assert failing.due() == []
    assert failing.remind(failed.pk) is None
    assert letters() == ["failed0"]
