"""What the law wants on an invoice (article 226 of Directive 2006/112/EC) is on the paper, whoever is taxed how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from marketplace.lib.clock import shifted
from marketplace.lib.pdf import Paper as Sheet
from orders import services, work
from orders.invoices import document
from orders.models import Order
from payments.models import CreditNote, Invoice, Paper
from tests.doubles import StripeDouble
from tests.orders.test_invoices import BREMEN, JAIPUR, next_month, released, rupees, state
from tests.orders.world import World

pytestmark = pytest.mark.django_db
WIEN = replace(BREMEN, postal_code="1010", city="Wien", country="AT", vat_id="ATU13585627")
GRAZ = replace(WIEN, postal_code="8010", city="Graz", vat_id="")
SMALL = {"vat_id": "", "tax_number": "22/815/08154", "consumers": "home"}


class Told(Sheet):
    """A paper that remembers what was written on it, in a line each."""

    last: Told

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.lines: list[str] = []
        Told.last = self

    def title_line(self, text: str) -> None:
        self.lines.append(text)
        super().title_line(text)

    def facts(self, pairs: Sequence[tuple[str, str]], *, label_width: float = 44) -> None:
        self.lines += [f"{name}: {value}" for name, value in pairs if value]
        super().facts(pairs, label_width=label_width)

    def rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]], *args: Any, **more: Any) -> None:
        self.lines += [" | ".join(row) for row in (heads, *rows)]
        super().rows(heads, rows, *args, **more)

    def note(self, text: str) -> None:
        self.lines.append(text)
        super().note(text)

    def words(self, text: str, **more: Any) -> None:
        self.lines.append(text)
        super().words(text, **more)


@pytest.fixture
def order(world: World, stripe_double: StripeDouble, monkeypatch: pytest.MonkeyPatch) -> Order:
    """Its commission is 19.00 INR."""
    monkeypatch.setattr(document, "Sheet", Told)
    rupees()
    return released(world, stripe_double)


def issued() -> tuple[Paper, list[str]]:
    with shifted(**next_month()):
        assert work.issue_invoices() == 1
    paper = Invoice.objects.get().paper
    assert paper is not None
    return paper, [line.replace("\xa0", " ") for line in Told.last.lines]


CASES = [
    (BREMEN, {}, "19 % | ₹15.97 | ₹3.03 | ₹19.00", "Tax of Germany."),
    (GRAZ, {}, "20 % | ₹15.83 | ₹3.17 | ₹19.00", "Tax of Austria."),
    (WIEN, {}, "none | ₹19.00 | ₹0.00 | ₹19.00", "Reverse charge: the customer owes the VAT"),
    (JAIPUR, {}, "none | ₹19.00 | ₹0.00 | ₹19.00", "Not taxable in the EU: the customer is elsewhere"),
    (BREMEN, SMALL, "none | ₹19.00 | ₹0.00 | ₹19.00", "No VAT is charged: exempt small business"),
]


@pytest.mark.parametrize(
    ("stated", "operator", "sum_", "why"), CASES, ids=["domestic", "consumer", "reverse", "outside", "exempt"]
)
def test_every_field_that_the_law_wants_is_on_the_paper(
    world: World, order: Order, settings: Settings, stated: Any, operator: dict[str, str], sum_: str, why: str
) -> None:
    settings.OPERATOR = ours = settings.OPERATOR | operator
    state(world, stated)
    paper, lines = issued()
    text = "\n".join(lines)
    assert f"Invoice {paper.number}" in lines  # 2: a sequential number that identifies it
    assert any(line.startswith("Date: ") for line in lines)  # 1: when it was issued
    number = ours["vat_id"] or ours["tax_number"]  # 3: under which the operator supplies
    assert f"number: {number}" in text
    assert f"From: {ours['name']}\n{ours['address']}\nGermany" in lines  # 5: both in full
    made_out = next(line for line in lines if line.startswith("Made out to: "))
    for part in (stated.name, stated.street, f"{stated.postal_code} {stated.city}"):
        assert part in made_out
    assert (f"Your VAT number: {stated.vat_id}" in lines) is bool(stated.vat_id)  # 4
    assert any(line.startswith("Services: ") and "–" in line for line in lines)  # 7: when it was supplied
    assert [line for line in lines if line.startswith(order.number) and line.endswith("₹19.00")]  # 6: what, how much
    assert sum_ in lines  # 8, 9, 10: the taxable amount per rate, the rate, the tax
    assert why in text  # 11, 11a: why there is none
    assert ("The tax is €0.03" in text) is (stated in (BREMEN, GRAZ) and not operator)  # article 230
    assert "nothing is left to pay" in text


def test_a_credit_note_says_which_invoice_it_corrects_and_its_tax(world: World, order: Order) -> None:
    state(world, BREMEN)
    invoice, _lines = issued()
    with shifted(**next_month()):
        services.refund(order.number, by=world.alice, why="sorry")
        work.drain_operations()
        assert work.issue_invoices() == 1
    note = CreditNote.objects.get().paper
    lines = [line.replace("\xa0", " ") for line in Told.last.lines]
    assert f"Credit note {note.number}" in lines
    assert any(line.startswith(f"It corrects invoice {invoice.number} of ") for line in lines)
    assert f"Order: {order.number}" in lines
    assert "19 % | ₹15.97 | ₹3.03 | ₹19.00" in lines
    assert any(line.startswith("Our VAT number: DE999999995") for line in lines)
