"""Invoices about the commission: one a month and currency, with its tax; credit notes for what is given up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fx.models import DailyRate
from fx.money import Money
from marketplace.lib.clock import now, shifted
from marketplace.models import Letter, User
from orders import services, work
from orders.invoices import issuing, opening
from orders.invoices.document import write_credit, write_invoice
from orders.leaving import obstacles
from orders.models import Order
from payments.invoices.operator import operator
from payments.invoices.profiles import Stated, set_profile
from payments.invoices.rates import record_rate
from payments.invoices.taxing import Taxation, rate, tax
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import CreditNote, Invoice, InvoiceLine, Journal, Paper, TaxRate, Wait
from tests.conftest import logged_in
from tests.doubles import StripeDouble
from tests.orders.racing import race
from tests.orders.world import World, broken, delivered_order

pytestmark = pytest.mark.django_db
JAIPUR = Stated("Alice Sharma", "12 Johari Bazaar", "302003", "Jaipur", "IN", "")
BREMEN = replace(JAIPUR, postal_code="28195", city="Bremen", country="DE")
PAGE = "/sell/money/invoices/"


def released(world: World, double: StripeDouble) -> Order:
    """Its commission is 19.00 INR: one percent of 1,900.00."""
    return services.confirm(delivered_order(world, double).number, by=world.bob)


def state(world: World, stated: Stated) -> None:
    set_profile(seller=world.alice, by=world.alice, stated=stated)


def next_month() -> dict[str, int]:
    """Into the next month, past its first hour."""
    at = now()
    first = (at.replace(day=1) + dt.timedelta(days=32)).replace(day=1, hour=2, minute=0)
    return {"seconds": int((first - at).total_seconds())}


def rupees() -> None:
    """106 a euro, on each day of the month."""
    day = now().date().replace(day=1)
    rows = [DailyRate(currency="INR", day=day + dt.timedelta(days=n), per_eur=106) for n in range(-3, 32)]
    DailyRate.objects.bulk_create(rows, ignore_conflicts=True)


def taxed() -> tuple[int, int]:
    """What the books have of the commission and of its German tax."""
    return balance(codes.income("commission", "INR")).amount, balance(codes.tax("commission", "DE", "INR")).amount


def test_a_month_of_a_seller_is_one_invoice_and_its_tax_leaves_the_income(
    world: World, stripe_double: StripeDouble
) -> None:
    orders = [released(world, stripe_double), released(world, stripe_double)]
    state(world, BREMEN)
    rupees()
    work.issue_invoices()
    assert not Invoice.objects.exists()
    with shifted(**next_month()):
        assert work.issue_invoices() == 1
        assert work.issue_invoices() == 0
    invoice = Invoice.objects.get()
    assert (invoice.gross_minor, invoice.net_minor, invoice.tax_minor) == (38_00, 31_93, 6_07)
    assert (invoice.treatment, invoice.country, invoice.currency) == ("domestic", "DE", "INR")
    assert set(invoice.lines.values_list("ref", flat=True)) == {order.number for order in orders}
    assert sorted(invoice.lines.values_list("bps", "tax_minor")) == [(1900, 3_03), (1900, 3_04)]
    assert taxed() == (31_93, 6_07)
    paper = invoice.paper
    assert paper is not None
    assert paper.number == f"I-{paper.issued_at:%Y}-000001"
    assert paper.body["own"] == {
        "tax": {"minor": 6, "currency": "EUR"},  # 0.0573 euro
        "rate": "0.00943396",
        "day": (next_first() - dt.timedelta(days=1)).isoformat(),
    }
    assert bytes(paper.pdf) == write_invoice(paper.body, number=paper.number, at=paper.issued_at, language="en")
    letter = Letter.objects.get(key=f"invoice_issued:{paper.number}")
    assert (letter.to, paper.number in letter.subject) == ("alice@example.com", True)
    assert broken() == []


def next_first() -> dt.date:
    return (now().date().replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def test_outside_the_eu_there_is_no_tax_and_no_journal(world: World, stripe_double: StripeDouble) -> None:
    order = released(world, stripe_double)
    state(world, JAIPUR)
    with shifted(**next_month()):
        work.issue_invoices()
    invoice = Invoice.objects.get()
    assert (invoice.treatment, invoice.gross_minor, invoice.tax_minor) == ("outside", 19_00, 0)
    assert not Journal.objects.filter(kind="commission_tax").exists()
    assert invoice.paper is not None
    [line] = invoice.paper.body["lines"]
    assert (line["order"], line["commission"]["minor"], line["goods"]["minor"]) == (order.number, 1900, 190_000)
    assert (line["processing"]["minor"], line["bps"]) == (order.processing_minor, None)
    assert invoice.paper.body["seller"]["name"] == "Alice Sharma"
    assert broken() == []


def test_without_an_address_it_waits_asks_once_and_is_written_when_it_is_there(
    world: World, stripe_double: StripeDouble, admin: User
) -> None:
    released(world, stripe_double)
    with shifted(**next_month()):
        work.issue_invoices()
        assert issuing.waiting() == []
        assert Invoice.objects.get().wait == Wait.SELLER
        assert Letter.objects.filter(key__startswith="invoice_waits").count() == 1
        assert taxed() == (19_00, 0)
        listed = logged_in(admin).get("/admin/payments/invoice/?wait__exact=seller").content.decode()
        assert "alice@example.com" in listed
        assert "It waits for your name and address." in logged_in(world.alice).get(PAGE).content.decode()
        state(world, JAIPUR)
    with shifted(seconds=next_month()["seconds"] + 3600):
        assert work.issue_invoices() == 1
    assert Invoice.objects.get().wait == ""
    assert Letter.objects.filter(key__startswith="invoice_waits").count() == 1


@pytest.mark.parametrize(
    ("change", "stated", "wait"),
    [
        ({"name": ""}, JAIPUR, Wait.OPERATOR),
        ({"consumers": ""}, replace(BREMEN, country="AT"), Wait.CONSUMERS),
        ({}, replace(BREMEN, postal_code="27498"), Wait.LAW),
        ({"country": "NO", "vat_id": "NO995525828MVA"}, replace(BREMEN, country="NO"), Wait.RATE),
        ({}, BREMEN, Wait.EXCHANGE),  # no rate of the rupee
    ],
)
def test_what_is_not_known_is_said_and_nothing_moves(
    world: World,
    stripe_double: StripeDouble,
    settings: Settings,
    change: dict[str, str],
    stated: Stated,
    wait: Wait,
) -> None:
    released(world, stripe_double)
    state(world, stated)
    settings.OPERATOR = settings.OPERATOR | change
    with shifted(**next_month()):
        work.issue_invoices()
    assert Invoice.objects.get().wait == wait
    assert not Paper.objects.exists()
    assert taxed() == (19_00, 0)


@pytest.mark.parametrize(("ago", "wait"), [(6, ""), (7, Wait.EXCHANGE)])
def test_a_rate_of_the_central_bank_that_is_a_week_old_is_none(
    world: World, stripe_double: StripeDouble, ago: int, wait: str
) -> None:
    """Nothing is published on holidays; a file that stopped for a week has no say in a tax."""
    released(world, stripe_double)
    state(world, BREMEN)
    last = next_first() - dt.timedelta(days=1)
    DailyRate.objects.create(currency="INR", day=last - dt.timedelta(days=ago), per_eur=106)
    with shifted(**next_month()):
        work.issue_invoices()
    invoice = Invoice.objects.get()
    assert (invoice.wait, invoice.paper is None) == (wait, bool(wait))


def test_a_rate_that_changes_within_the_month_is_two_sums(world: World, stripe_double: StripeDouble) -> None:
    first, second = released(world, stripe_double), released(world, stripe_double)
    state(world, replace(BREMEN, country="NO"))
    rupees()
    start = now().date().replace(day=1)
    TaxRate.objects.create(country="NO", bps=2500, valid_from=start, valid_until=now().date(), source="A law")
    TaxRate.objects.create(country="NO", bps=1500, valid_from=now().date(), source="Another")
    [invoice] = opening.open_invoices(world.alice.pk, now() + dt.timedelta(seconds=1))
    earlier = now() - dt.timedelta(days=1)
    InvoiceLine.objects.filter(ref=first.number).update(
        released_at=max(earlier, now().replace(day=1, hour=0, minute=1))
    )
    found = tax(invoice, replace(operator(), country="NO", vat_id="NO995525828MVA", tax_currency="INR"))
    assert isinstance(found, Taxation)
    rates = {found.lines[line.pk] for line in invoice.lines.all()}
    assert rates == {(2500, Money(3_80, "INR")), (1500, Money(2_48, "INR"))}
    assert found.tax == Money(6_28, "INR")
    assert second.number in {line.ref for line in invoice.lines.all()}


def test_two_months_that_nobody_looked_at_are_two_invoices(world: World, stripe_double: StripeDouble) -> None:
    earlier, later = released(world, stripe_double), released(world, stripe_double)
    month = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    at = month - dt.timedelta(days=3)
    Order.objects.filter(pk=earlier.pk).update(completed_at=at)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set local session_replication_role = replica")
        cursor.execute("update ledger_journal set occurred_at = %s where key = %s", [at, f"release:{earlier.number}"])
        cursor.execute("set local session_replication_role = origin")
    end = now() + dt.timedelta(seconds=1)
    opening.open_invoices(world.alice.pk, end)
    found = [(one.until, [line.ref for line in one.lines.all()]) for one in Invoice.objects.order_by("until")]
    assert found == [(month, [earlier.number]), (end, [later.number])]


@pytest.mark.parametrize(
    ("bps", "gross", "net"),
    [(1900, 1900, 1597), (2550, 100, 80), (2000, 9, 8), (2000, 3, 3), (0, 77, 77), (None, 5, 5)],
)
def test_the_net_is_rounded_half_up_and_the_tax_is_the_rest(bps: int | None, gross: int, net: int) -> None:
    found = rate(bps, Money(gross, "EUR"))
    assert (found.net, found.tax) == (Money(net, "EUR"), Money(gross - net, "EUR"))


@given(bps=st.integers(0, 3_000), gross=st.integers(0, 10**12))
def test_the_tax_inside_is_within_half_a_unit_of_the_exact_one(bps: int, gross: int) -> None:
    found = rate(bps, Money(gross, "EUR"))
    assert found.net + found.tax == Money(gross, "EUR")
    assert abs(Fraction(gross * bps, 10_000 + bps) - found.tax.amount) <= Fraction(1, 2)
    assert 0 <= found.tax.amount <= gross


def test_what_is_given_up_is_credited_in_parts_that_take_back_just_the_tax(
    world: World, stripe_double: StripeDouble
) -> None:
    order = released(world, stripe_double)
    state(world, BREMEN)
    rupees()
    with shifted(**next_month()):
        work.issue_invoices()
        assert taxed() == (15_97, 3_03)
        part = {"goods": Money(63_333, "INR"), "shipping": Money(0, "INR")}
        services.refund_amount(order.number, by=world.alice, why="a stain", **part)
        assert work.issue_invoices() == 0  # the money has not arrived
        work.drain_operations()
        assert work.issue_invoices() == 1
        services.refund(order.number, by=world.alice, why="all of it")
        work.drain_operations()
        assert work.issue_invoices() == 1
        assert work.issue_invoices() == 0
    first, second = CreditNote.objects.order_by("pk")
    invoice = Invoice.objects.get()
    assert invoice.paper is not None
    assert first.gross_minor + second.gross_minor == 19_00
    assert (first.gross_minor, first.tax_minor, second.tax_minor) == (6_33, 1_00, 2_03)
    assert taxed() == (0, 0)
    assert first.paper.number.startswith("C-")
    assert first.paper.body["invoice"] == invoice.paper.number
    remade = write_credit(first.paper.body, number=first.paper.number, at=first.paper.issued_at, language="en")
    assert bytes(first.paper.pdf) == remade
    assert Letter.objects.filter(key__startswith="credit_note_issued").count() == 2
    assert broken() == []


def test_what_was_given_up_before_the_invoice_is_on_both(world: World, stripe_double: StripeDouble) -> None:
    order = released(world, stripe_double)
    state(world, JAIPUR)
    services.refund(order.number, by=world.alice, why="sorry")
    work.drain_operations()
    assert work.issue_invoices() == 0
    with shifted(**next_month()):
        assert work.issue_invoices() == 2
    assert (Invoice.objects.get().gross_minor, CreditNote.objects.get().gross_minor) == (19_00, 19_00)
    assert broken() == []


def test_the_seller_reads_their_own_and_nobody_elses(world: World, stripe_double: StripeDouble, charlie: User) -> None:
    released(world, stripe_double)
    state(world, JAIPUR)
    alice = logged_in(world.alice)
    assert "Write the invoice for this month now" in alice.get(PAGE).content.decode()
    alice.post(f"{PAGE}now/")
    invoice = Invoice.objects.get()
    paper = invoice.paper
    assert paper is not None
    shown = alice.get(PAGE).content.decode()
    assert paper.number in shown
    assert "Write the invoice for this month now" not in shown
    document = alice.get(f"{PAGE}{paper.number}.pdf")
    assert document.content == bytes(paper.pdf)
    assert document["Cache-Control"] == "private, no-store"
    for other in (logged_in(charlie), logged_in(world.bob), logged_in(world.carmen)):
        assert other.get(f"{PAGE}{paper.number}.pdf").status_code == 404
        assert paper.number not in other.get(PAGE).content.decode()
        other.post(f"{PAGE}now/")
    assert Invoice.objects.count() == 1


def test_an_account_is_closed_after_its_last_invoice(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double)
    said = "Your last invoice about our commission is not written yet."
    assert any(one.startswith(said) for one in obstacles(world.alice))
    alice = logged_in(world.alice)
    alice.post(f"{PAGE}now/")
    assert any("say your address for invoices" in one for one in obstacles(world.alice))
    sent = {"name": "Alice", "street": "12 Johari Bazaar", "city": "Jaipur", "country": "IN"}
    assert alice.post(f"{PAGE}address/", sent).status_code == 302
    issuing.issue(Invoice.objects.get().pk)
    assert not any("invoice" in one for one in obstacles(world.alice))


def test_a_wrong_number_is_refused_on_the_page(world: World) -> None:
    sent = {"name": "Alice", "street": "Ring 1", "city": "Wien", "country": "AT", "vat_id": "ATU13585628"}
    answer = logged_in(world.alice).post(f"{PAGE}address/", sent)
    assert answer.status_code == 422
    assert "is no VAT number of AT" in answer.content.decode()


class Stopped(Exception):
    """The process ends before the transaction does."""


def test_stopped_before_the_end_no_number_is_lost(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double)
    state(world, BREMEN)
    rupees()
    [invoice] = opening.open_invoices(world.alice.pk, now())

    @transaction.atomic
    def stopped() -> None:
        issuing.issue(invoice.pk)
        raise Stopped

    with pytest.raises(Stopped):
        stopped()
    assert not Paper.objects.exists()
    assert taxed() == (19_00, 0)
    paper = issuing.issue(invoice.pk)
    assert paper is not None
    assert paper.seq == 1
    assert taxed() == (15_97, 3_03)


@pytest.mark.django_db(transaction=True)
def test_many_who_open_and_write_the_same_month_write_it_once(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double)
    state(world, BREMEN)
    rupees()
    at = now()

    def write() -> int:
        opening.open_invoices(world.alice.pk, at)
        return sum(issuing.issue(pk) is not None for pk in Invoice.objects.values_list("pk", flat=True))

    assert sum(race([write] * 6, at_once=6)) == 1
    assert (Invoice.objects.count(), Paper.objects.filter(kind="invoice").count()) == (1, 1)
    assert taxed() == (15_97, 3_03)


def test_the_database_refuses_an_order_on_two_invoices(world: World, stripe_double: StripeDouble) -> None:
    released(world, stripe_double)
    opening.open_invoices(world.alice.pk, now())
    assert opening.open_invoices(world.alice.pk, now()) == []
    with pytest.raises(Exception, match="unique"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into payments_invoiceline (invoice_id, ref, released_at, commission_minor, processing_minor,"
            " tax_minor) select invoice_id, ref, released_at, 1, 0, 0 from payments_invoiceline"
        )


def test_a_rate_recorded_later_ends_the_waiting(
    world: World, stripe_double: StripeDouble, finance: User, settings: Settings
) -> None:
    released(world, stripe_double)
    settings.OPERATOR = settings.OPERATOR | {"country": "NO", "vat_id": "NO995525828MVA", "tax_currency": "INR"}
    state(world, replace(BREMEN, country="NO"))
    [invoice] = opening.open_invoices(world.alice.pk, now())
    assert issuing.issue(invoice.pk) is None
    start = now().date().replace(day=1)
    record_rate(by=finance, country="NO", bps=2500, valid_from=start, source="skatteetaten.no")
    assert issuing.issue(invoice.pk) is not None
    assert balance(codes.tax("commission", "NO", "INR")) == Money(3_80, "INR")


def put(client: Client, path: str, said: dict[str, str], *, key: str) -> Any:
    return client.put(path, said, content_type="application/json", headers={"Idempotency-Key": key})


def test_the_api_gives_data_and_paper_and_takes_the_address(
    world: World, stripe_double: StripeDouble, charlie: User
) -> None:
    released(world, stripe_double)
    alice, stranger = logged_in(world.alice), logged_in(charlie)
    said = {"name": "Alice", "street": "Markt 1", "postal_code": "28195", "city": "Bremen", "country": "DE"}
    address = "/api/v1/invoice-address/"
    assert alice.get(address).status_code == 404
    assert put(alice, address, said, key="k1").json() == said | {"vat_id": ""}
    refused = put(alice, address, said | {"vat_id": "DE1"}, key="k2")
    assert refused.status_code == 409
    rupees()
    [invoice] = opening.open_invoices(world.alice.pk, now())
    [waits] = alice.get("/api/v1/invoices/").json()
    assert (waits["number"], waits["gross"]) == ("", {"amount": "19.00", "currency": "INR"})
    paper = issuing.issue(invoice.pk)
    assert paper is not None
    [told] = alice.get("/api/v1/invoices/").json()
    assert (told["number"], told["kind"], told["tax"]["amount"]) == (paper.number, "invoice", "3.03")
    assert alice.get(f"/api/v1/invoices/{paper.number}.pdf").content == bytes(paper.pdf)
    assert stranger.get("/api/v1/invoices/").json() == []
    assert stranger.get(f"/api/v1/invoices/{paper.number}.pdf").status_code == 404
