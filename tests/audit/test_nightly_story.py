"""A night finds a defect: payouts stop, the back office says so, and a person lets them go once it is mended."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from marketplace.lib.clock import now, shifted
from marketplace.models import Letter, User
from marketplace.roles import make_roles
from marketplace.tasks import audit
from payments.models import AuditRun, Freeze, Payout, PayoutMethod
from tests.audit.mutants import A_HOLD, MUTANTS
from tests.audit.test_mutants import seed
from tests.conftest import logged_in
from tests.orders.world import World
from tests.payments.test_admin import act, staff, text

pytestmark = pytest.mark.django_db
RUNS, FREEZES = reverse("admin:payments_auditrun_changelist"), reverse("admin:payments_freeze_changelist")


@pytest.fixture
def desk(clean_world: World) -> Client:
    """Of finance; the audits that the clean world may have had are forgotten."""
    return staff(User.objects.get(email="finance@example.com"), "finance", logged_in)


@pytest.fixture
def payout(clean_world: World) -> Payout:
    """Alice has asked for what she earned since the last one, and the platform has exchanged enough for it."""
    office = staff(User.objects.get(email="finance@example.com"), "finance", logged_in)
    fill = {"reference": "fill 2", "sold_0": "1", "sold_1": "EUR", "bought_0": "20000", "bought_1": "INR"}
    assert "Recorded" in text(office.post(reverse("admin:payments_fill_add"), fill, follow=True))
    alice, bank = logged_in(clean_world.alice), PayoutMethod.objects.get(seller=clean_world.alice, kind="bank")
    alice.post(f"/sell/money/method/{bank.pk}/use/")
    assert "is requested" in text(alice.post("/sell/money/payout/", follow=True))
    return Payout.objects.get(state="requested")


def defect(check: str) -> None:
    """Past triggers and constraints, which then are in force again."""
    seed(MUTANTS[check])
    _sql("set local session_replication_role = origin")


def mend() -> None:
    """The opposite of A05's defect."""
    _sql(
        "set local session_replication_role = replica",
        f"update ledger_balance set amount = amount + 1 where account_id = {A_HOLD}",
        "set local session_replication_role = origin",
    )


def _sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def night(**later: int) -> AuditRun:
    with shifted(**later):
        audit.apply(throw=True)
    return AuditRun.objects.order_by("-pk")[0]


def test_a_defect_stops_payouts_until_it_is_mended_and_a_person_lets_them_go(
    clean_world: World, desk: Client, payout: Payout
) -> None:
    assert night(days=-1).result == "clean"
    assert "The audit says" not in text(desk.get(reverse("admin:index")))
    defect("A05")
    found = night()
    assert (found.result, found.checked > 100) == ("A05 × 1, A10 × 1, F03 × 1", True)
    for page in (reverse("admin:index"), reverse("admin:payments_payout_changelist"), RUNS):
        shown = text(desk.get(page))
        assert "The audit found A05 broken: A kept balance is the sum of its entries." in shown
        assert "The audit says: A05 × 1, A10 × 1, F03 × 1." in shown
    shown = text(desk.get(reverse("admin:payments_auditrun_change", args=[found.pk])))
    assert re.search("hold:[A-Z0-9-]+", shown), "the example is named"
    letter = Letter.objects.get(key__startswith=f"audit:{found.pk}", to="finance@example.com")
    assert letter.subject == "The audit has stopped payouts"
    assert "S1 A05 A kept balance is the sum of its entries." in letter.body
    assert "It is broken 1 time: hold:" in letter.body

    assert "Payouts are frozen: The audit found A05" in act(desk, "payout", "approve", payout.pk)
    payout.refresh_from_db()
    assert (payout.state, payout.approved_by) == ("requested", None)

    lift = reverse("admin:payments_freeze_lift", args=[Freeze.objects.get(lifted_at=None).pk])
    assert "They may leave although" in text(desk.get(lift))
    refused = text(desk.post(lift, {"why": "It looks fine to me"}, follow=True))
    assert "The newest audit says: A05 × 1, A10 × 1, F03 × 1. Mend it and audit again" in refused
    assert Freeze.objects.get().lifted_at is None

    mend()
    desk.post(reverse("admin:payments_auditrun_add"), {"csrfmiddlewaretoken": "x"})
    asked = night()
    assert (asked.by, asked.result) == (User.objects.get(email="finance@example.com"), "clean")
    assert "The audit says" not in text(desk.get(reverse("admin:index")))
    assert "Payouts are frozen" in text(desk.get(reverse("admin:index"))), "until a person says why not"
    assert "They may leave although" not in text(desk.get(lift))
    assert "Payouts may leave again" in text(desk.post(lift, {"why": "The balance was set by hand"}, follow=True))
    freeze = Freeze.objects.get()
    assert (freeze.lifted_by, freeze.lifted_why) == (asked.by, "The balance was set by hand.")
    assert (freeze.by, freeze.lifted_despite) == (None, "")
    assert "Payouts are frozen" not in text(desk.get(reverse("admin:payments_payout_changelist")))
    assert "Approved" in act(desk, "payout", "approve", payout.pk)
    payout.refresh_from_db()
    assert (payout.state, payout.approved_by) == ("approved", asked.by)


def test_whoever_lets_them_go_all_the_same_says_so_and_the_next_night_stops_them_again(
    clean_world: World, desk: Client
) -> None:
    defect("A05")
    night()
    lift = reverse("admin:payments_freeze_lift", args=[Freeze.objects.get().pk])
    desk.post(lift, {"why": "The check is wrong, see the report", "despite": "on"})
    freeze = Freeze.objects.get()
    assert (freeze.lifted_despite, freeze.lifted_at is None) == ("A05 × 1, A10 × 1, F03 × 1", False)
    assert "The check is wrong" in text(desk.get(FREEZES))
    night(days=1)
    assert Freeze.objects.filter(lifted_at=None).count() == 1


def test_what_is_only_late_stops_nothing_and_staff_hear_of_it(clean_world: World, desk: Client) -> None:
    defect("G10")
    found = night()
    assert re.fullmatch(r"G10 × \d+", found.result)
    assert Freeze.objects.count() == 0
    assert found.result in text(desk.get(RUNS))
    assert "The audit says" not in text(desk.get(reverse("admin:index")))
    to = set(Letter.objects.filter(key__startswith="audit:").values_list("to", flat=True))
    assert to == {"finance@example.com"}, "moderators and buyers are no audience"


def test_only_finance_and_superusers_see_audits(clean_world: World) -> None:
    make_roles()
    night()
    for person in (clean_world.bob, clean_world.moderator):
        assert logged_in(person).get(RUNS).status_code in {302, 403}


def test_a_night_is_audited_once_and_a_missed_one_is_caught_up(clean_world: World, settings: Settings) -> None:
    settings.AUDIT_HOUR = (now().hour + 12) % 24
    night()
    night(minutes=10)
    assert AuditRun.objects.count() == 1
    night(days=2)
    night(days=2, minutes=10)
    assert AuditRun.objects.exclude(ended_at=None).count() == 2
