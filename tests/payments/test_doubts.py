"""What looks wrong about a payout waits for a person who does not approve it."""

from __future__ import annotations

import pytest

from fx.money import Money
from marketplace.lib.clock import shifted
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.posting import post
from payments.models import Journal, Payout, PayoutDoubt
from payments.payouts.doubts import clear_doubts, what_holds
from payments.payouts.life import approve_payout, cancel_payout, make_bank_file, mark_failed, mark_paid, request_payout
from tests.conftest import ClientFor
from tests.orders.world import broken
from tests.payments.test_admin import staff, text
from tests.payments.test_payouts import IFSC, approved, fund, method

pytestmark = pytest.mark.django_db
INR = Money(1000, "INR")


def asked(seller: User, key: str = "") -> Payout:
    method(seller, **IFSC)
    post(f"more:{seller.pk}:{key}", "test", "", [(codes.fx("INR"), 1000), (codes.seller(seller.pk, "INR"), -1000)])
    return request_payout(seller=seller, currency="INR", by=seller)


def kinds(payout: Payout) -> list[str]:
    return sorted(payout.doubts.values_list("kind", flat=True))


def test_the_same_amount_to_the_same_destination_within_a_week_is_held(alice: User, finance: User) -> None:
    first = asked(alice)
    with shifted(days=6, hours=23):
        second = asked(alice, "2")
    with shifted(days=14):
        third = asked(alice, "3")
    assert [kinds(payout) for payout in (first, second, third)] == [[], ["duplicate"], []]
    assert str(first.pk) in second.doubts.get().detail
    fund(Money(5000, "INR"))
    journals = Journal.objects.count()
    with pytest.raises(PayoutRefused, match="Looks like a payout of the last days"):
        approve_payout(second, by=finance)
    second.refresh_from_db()
    assert (second.state, Journal.objects.count()) == ("requested", journals)


def test_what_failed_or_was_canceled_is_no_twin(alice: User, finance: User, admin: User) -> None:
    first = approved(alice, finance, INR)
    make_bank_file([first], by=finance)
    mark_failed(first, by=admin, problem="account closed")
    again = request_payout(seller=alice, currency="INR", by=alice)
    assert kinds(again) == []
    cancel_payout(again, by=alice)
    assert kinds(request_payout(seller=alice, currency="INR", by=alice)) == []


def test_a_destination_of_two_sellers_is_held_for_both(alice: User, charlie: User) -> None:
    first = asked(alice)
    second = asked(charlie)
    assert (kinds(first), kinds(second)) == ([], ["duplicate", "shared"])
    assert second.doubts.get(kind="shared").detail == "alice@example.com"
    cancel_payout(first, by=alice)
    assert kinds(request_payout(seller=alice, currency="INR", by=alice)) == ["duplicate", "shared"]


def test_who_says_that_it_is_right_does_not_approve_it(alice: User, finance: User, admin: User) -> None:
    asked(alice)
    payout = asked(alice, "2")
    fund(Money(5000, "INR"))
    assert what_holds(payout) == [f"{payout.doubts.get()}."]
    with pytest.raises(PayoutRefused, match="Somebody else has to look"):
        clear_doubts(payout, by=alice, why="It is mine")
    with pytest.raises(PayoutRefused, match="Say why"):
        clear_doubts(payout, by=finance, why=" ")
    clear_doubts(payout, by=finance, why="Two sales of the same scarf")
    assert what_holds(payout) == []
    with pytest.raises(PayoutRefused, match="Nothing speaks against"):
        clear_doubts(payout, by=finance, why="Once more")
    with pytest.raises(PayoutRefused, match="You said that this payout is right"):
        approve_payout(payout, by=finance)
    assert approve_payout(payout, by=admin).state == "approved"
    assert "F33" not in broken()


def test_a_person_looks_in_the_queue(alice: User, finance: User, client_for: ClientFor) -> None:
    asked(alice)
    payout = asked(alice, "2")
    desk = staff(finance, "finance", client_for)
    assert "Looks like a payout of the last days" in text(desk.get("/admin/payments/payout/"))
    page = f"/admin/payments/payout/{payout.pk}/decide/"
    shown = text(desk.get(page))
    assert "Looks like a payout of the last days" in shown
    assert 'value="approve"' not in shown
    assert "Say why" in text(desk.post(page, {"decision": "right", "why": ""}))
    assert PayoutDoubt.objects.get().cleared_at is None
    assert "Noted" in text(desk.post(page, {"decision": "right", "why": "Two scarves"}, follow=True))
    assert PayoutDoubt.objects.get().cleared_by == finance
    assert "Two scarves" in text(desk.get(f"/admin/payments/payout/{payout.pk}/change/"))
    assert "You said that this payout is right" in text(desk.post(page, {"decision": "approve"}, follow=True))
    desk.post(page, {"decision": "cancel", "why": "Asked twice"})
    payout.refresh_from_db()
    assert (payout.state, payout.problem) == ("canceled", "Asked twice")


def test_a_payout_that_is_paid_was_never_in_doubt(alice: User, finance: User, admin: User) -> None:
    payout = approved(alice, finance, INR)
    make_bank_file([payout], by=finance)
    assert mark_paid(payout, by=admin, bank_reference="B1").doubts.count() == 0
