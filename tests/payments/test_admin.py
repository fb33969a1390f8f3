"""Money in the admin: decided by finance, looked at by superusers, closed to moderators."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from fx.money import Money
from marketplace.models import User
from marketplace.roles import make_roles
from payments.cases import open_case
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from payments.models import Account, BankFile, Case, Entry, Fill, Journal, Payout, Refund, Settlement
from payments.payouts.life import request_payout
from payments.services import LineDraft, request_refund
from tests.payments.conftest import Open, work
from tests.payments.pocket import FarEnd
from tests.payments.test_payouts import fund, method, payable

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
PAGES = [
    "account", "journal", "payment", "refund", "operation", "inboxevent", "case", "payout",
    "payoutmethod", "payoutplan", "screening", "bankfile", "settlement", "fill", "freeze",
    "auditrun",
]  # fmt: skip


@pytest.fixture
def desk(finance: User, client_for: ClientFor) -> Client:
    return staff(finance, "finance", client_for)


@pytest.fixture
def other_desk(moderator: User, client_for: ClientFor) -> Client:
    """Another person of finance."""
    return staff(moderator, "finance", client_for)


def staff(user: User, role: str, client_for: ClientFor) -> Client:
    make_roles()
    user.groups.set([Group.objects.get(name=role)])
    return client_for(user)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def act(client: Client, model: str, action: str, *ids: object) -> str:
    url = reverse(f"admin:payments_{model}_changelist")
    data = {"action": action, "_selected_action": [str(pk) for pk in ids]}
    return text(client.post(url, data, follow=True))


@pytest.mark.parametrize("model", PAGES)
def test_every_table_opens_for_finance_and_not_for_a_moderator(
    desk: Client, admin: User, client_for: ClientFor, charlie: User, model: str
) -> None:
    url = reverse(f"admin:payments_{model}_changelist")
    assert desk.get(url).status_code == 200
    assert client_for(admin).get(url).status_code == 200
    charlie.is_staff = True
    charlie.save()
    assert staff(charlie, "moderator", client_for).get(url).status_code in {302, 403}


def test_pages_of_single_rows_show_money_as_people_read_it(
    desk: Client, paid: Open, scarf: list[LineDraft], alice: User
) -> None:
    payment = paid(scarf, fee=110)
    page = text(desk.get(reverse("admin:payments_payment_change", args=[payment.pk])))
    assert "€29.76" in page
    assert "€1.10" in page
    assert "₹1,900.00" in page
    capture = Journal.objects.get(key=f"capture:{payment.pk}")
    page = text(desk.get(reverse("admin:payments_journal_change", args=[capture.pk])))
    assert "hold:A1" in page
    assert "₹2,500.00" in page
    hold = Account.objects.get(code="hold:A1")
    page = text(desk.get(reverse("admin:payments_account_change", args=[hold.pk])))
    assert f"capture:{payment.pk}" in page
    assert "₹2,500.00" in page


@pytest.mark.parametrize("model", ["account", "journal"])
def test_the_books_are_read_only_even_for_a_superuser(
    admin: User, client_for: ClientFor, paid: Open, scarf: list[LineDraft], model: str
) -> None:
    paid(scarf)
    client, row = client_for(admin), Account.objects.first() if model == "account" else Journal.objects.first()
    assert row is not None
    change = reverse(f"admin:payments_{model}_change", args=[row.pk])
    before = list(Entry.objects.values_list("journal_id", "line", "account_id", "amount"))
    assert client.get(reverse(f"admin:payments_{model}_add")).status_code == 403
    assert client.get(reverse(f"admin:payments_{model}_delete", args=[row.pk])).status_code == 403
    assert client.post(change, {"code": "x", "key": "x"}).status_code == 403
    act(client, model, "delete_selected", row.pk)
    assert list(Entry.objects.values_list("journal_id", "line", "account_id", "amount")) == before
    page = text(client.get(change))
    assert 'name="_save"' not in page


def test_a_payout_goes_through_two_people(
    desk: Client, other_desk: Client, alice: User, finance: User, moderator: User
) -> None:
    method(alice)
    payable(alice, Money(239100, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    assert "Only 0.00 INR is in the bank account" in act(desk, "payout", "approve", payout.pk)
    fund(Money(239100, "INR"))
    assert "Approved" in act(desk, "payout", "approve", payout.pk)
    assert "Made a bank file" in act(desk, "payout", "make_file", payout.pk)
    file = BankFile.objects.get()
    download = desk.get(reverse("admin:payments_bankfile_download", args=[file.pk]))
    assert download["Content-Disposition"] == f'attachment; filename="{file.message_id}.xml"'
    assert text(download) == file.xml
    end, said = reverse("admin:payments_payout_end", args=[payout.pk]), {"outcome": "paid", "text": "B1"}
    assert "₹2,391.00" in text(desk.get(end))
    assert "Somebody else has to mark it as paid" in text(desk.post(end, said, follow=True))
    payout.refresh_from_db()
    assert payout.state == Payout.State.SENT
    assert "Noted" in text(other_desk.post(end, said, follow=True))
    payout.refresh_from_db()
    assert (payout.state, payout.approved_by, payout.paid_by) == ("paid", finance, moderator)


def test_a_payout_that_came_back_is_payable_again(desk: Client, other_desk: Client, alice: User) -> None:
    method(alice)
    payable(alice, Money(100, "INR"))
    fund(Money(100, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    act(desk, "payout", "approve", payout.pk)
    act(desk, "payout", "make_file", payout.pk)
    end = reverse("admin:payments_payout_end", args=[payout.pk])
    assert "This field is required" in text(desk.post(end, {"outcome": "failed", "text": ""}))
    assert "Somebody else has to say" in text(desk.post(end, {"outcome": "failed", "text": "closed"}, follow=True))
    other_desk.post(end, {"outcome": "failed", "text": "account closed"})
    assert balance(codes.seller(alice.pk, "INR")) == Money(100, "INR")


def test_settlements_and_fills_are_recorded_with_amounts_as_people_write_them(
    desk: Client, far: FarEnd, finance: User
) -> None:
    post("c", "test", "", [(codes.clearing("pocket", "EUR"), 2976), (codes.fx("EUR"), -2976)])
    url = reverse("admin:payments_settlement_add")
    given = {"processor": "pocket", "reference": "po_1", "amount_0": "29.76", "amount_1": "EUR"}
    for wrong in ("29,76", "-1", "1e3", "٢٩", "29.765", ""):
        assert desk.post(url, given | {"amount_0": wrong}).status_code == 200
    assert "owes 29.76 EUR" in text(desk.post(url, given | {"amount_0": "29.77"}))
    assert Settlement.objects.count() == 0
    desk.post(url, given)
    assert Settlement.objects.get().recorded_by == finance
    url = reverse("admin:payments_fill_add")
    desk.post(
        url,
        {
            "reference": "fx-1",
            "sold_0": "20.00",
            "sold_1": "EUR",
            "bought_0": "2000",
            "bought_1": "INR",
        },
    )
    assert Fill.objects.get().bought == Money(200000, "INR")
    assert balance(codes.clearing("bank", "EUR")) == Money(976, "EUR")


def test_a_case_is_settled_with_a_note(desk: Client, finance: User) -> None:
    case = open_case(Case.Kind.STRANGER, processor="stripe", ref="pi_x", key="k")
    url = reverse("admin:payments_case_settle", args=[case.pk])
    assert "pi_x" in text(desk.get(url))
    desk.post(url, {"note": "Another shop's."})
    case.refresh_from_db()
    assert (case.closed_by, case.note) == (finance, "Another shop's.")
    assert "closed this case already" in text(desk.post(url, {"note": "again"}, follow=True))
    assert open_case(Case.Kind.STRANGER, processor="stripe", ref="pi_x").pk != case.pk


def test_a_failed_refund_is_tried_again_or_sent_by_hand(
    desk: Client, paid: Open, scarf: list[LineDraft], far: FarEnd
) -> None:
    payment = paid(scarf)
    far.things["payment_1"].back = 1
    refund = request_refund(payment=payment, ref="A1", reason="withdrawal")
    work()
    assert "Tried again" in act(desk, "refund", "retry", refund.pk)
    work()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt) == (Refund.State.FAILED, 2)
    url = reverse("admin:payments_refund_by_hand", args=[refund.pk])
    assert "€29.76" in text(desk.get(url))
    desk.post(url, {"reference": "SEPA 1"})
    refund.refresh_from_db()
    assert (refund.state, refund.processor_ref) == (Refund.State.SUCCEEDED, "SEPA 1")


def test_pages_that_decide_are_closed_to_who_may_not(
    admin: User, charlie: User, client_for: ClientFor, alice: User
) -> None:
    method(alice)
    payable(alice, Money(100, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    case = open_case(Case.Kind.STRANGER, processor="stripe", ref="pi_x")
    urls = [
        reverse("admin:payments_payout_end", args=[payout.pk]),
        reverse("admin:payments_case_settle", args=[case.pk]),
        reverse("admin:payments_settlement_add"),
        reverse("admin:payments_fill_add"),
    ]
    assert [client_for(admin).get(url).status_code for url in urls] == [200] * 4
    assert [client_for(charlie).get(url).status_code for url in urls] == [403] * 4
