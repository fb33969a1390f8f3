"""Customs papers: the form a parcel needs, what is missing by name, prints that are remembered, who may see them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from django.test import Client

from fx.money import Money
from fx.rates import Rates
from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import Order, PackedParcel, SdrValue
from orders.papers import cn22, cn23, commercial, qr, showing
from orders.papers.choosing import choose
from orders.papers.declaration import Declaration, Party, Piece, missing
from orders.papers.gathering import declare
from orders.papers.packing import Facts, pack
from orders.papers.sdr import record_sdr
from tests.doubles import StripeDouble
from tests.marketplace.test_pdf import read
from tests.orders.world import World, paid_order, shipped_order
from tests.registered import registered

AT = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
DAY = AT.date()
ROW = SdrValue(valid_from=DAY, currency="EUR", per_sdr=Decimal("1.2"), source="a test", confidence="high")
SCARF = Piece(1, "Scarf", 2, 280, Money(10_000, "EUR"), "621490", "IN")
ALICE = Party("Alice Sharma", "Chaya Prints", ("14 Johari Bazar", "302003 Jaipur"), "IN", "+91 141 555 0100")
BOB = Party("Bob Becker", "", ("Torstraße 1", "10119 Berlin"), "DE")
PARCEL = Declaration(
    order="E-ABC123", number=1, parcels=1, sender=ALICE, addressee=BOB, pieces=(SCARF,), currency="EUR",
    gross_g=400, postage=Money(690, "EUR"), incoterm="DDP", place="Berlin", flat_duty=Money(300, "EUR"),
    flat_duty_codes=("621490",),
)  # fmt: skip


def worth(minor: int, **more: object) -> Declaration:
    return replace(PARCEL, pieces=(replace(SCARF, value=Money(minor, "EUR")),), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "form"),
    [
        # 300 SDR are 360 EUR; the row is sure to 2 %: up to 352.94 EUR it is surely at most 300 SDR.
        (worth(35_294), "cn22"),
        (worth(35_295), "cn23"),
        (worth(36_001), "cn23"),
        (worth(100, gross_g=2000), "cn22"),
        (worth(100, gross_g=2001), "cn23"),
        (worth(100, gross_g=None), "cn23"),
        (worth(100, incoterm="domestic"), ""),
    ],
)
def test_a_cn22_up_to_300_sdr_and_2_kg_when_that_is_sure(declared: Declaration, form: str) -> None:
    assert choose(declared, row=ROW, rates=None, on=DAY).form == form


def test_an_old_value_of_the_sdr_is_trusted_no_more_than_the_lowest() -> None:
    day = DAY + dt.timedelta(days=91)
    assert choose(worth(32_727), row=ROW, rates=None, on=day).form == "cn22"  # 327.27 EUR × 1.1 < 360 EUR
    assert choose(worth(32_728), row=ROW, rates=None, on=day).form == "cn23"


def test_without_a_value_or_a_rate_it_is_a_cn23() -> None:
    assert choose(worth(100), row=None, rates=None, on=DAY).form == "cn23"
    dollars = SdrValue(valid_from=DAY, currency="USD", per_sdr=Decimal("1.4"), source="a test", confidence="high")
    assert choose(worth(100), row=dollars, rates=Rates(0, {}, {}, {}), on=DAY).form == "cn23"
    rates = Rates(0, {"USD": Fraction("1.1")}, {}, {})
    found = choose(worth(14_000), row=dollars, rates=rates, on=DAY)
    assert (found.form, found.sdr) == ("cn22", Fraction(110))  # 140 EUR are 154 USD, 110 SDR


def test_what_is_missing_is_said_by_name() -> None:
    assert missing(PARCEL) == []
    bare = replace(
        PARCEL,
        pieces=(replace(SCARF, net_g=None, hs_code="6214"),),
        gross_g=None,
        postage=None,
        unnamed_schemes=("IOSS",),
        sender=Party("", "", (), "IN"),
    )
    assert [(one.what, one.blocks) for one in missing(bare)] == [
        ("The sender's name and address are missing.", True),
        ("The net weight of “Scarf” is missing.", True),
        ("The HS code of “Scarf” has fewer than six digits.", True),
        ("The weight of the whole parcel is missing.", True),
        ("What the post takes for this parcel is missing.", True),
        ("The number of IOSS is missing: without it customs may ask the buyer for the tax again.", False),
    ]
    assert [one.what for one in missing(replace(PARCEL, gross_g=100))] == [
        "The parcel weighs 100 g, less than what is in it, 280 g."
    ]


SCRIPTS = [
    "Łódź Straße", "Синий шарф", "Γαλάζιο μαντήλι", "藍染め布", "وشاح أزرق", "צעיף כחול", "ผ้าพันคอ", "हाथ से बना दुपट्टा",
]  # fmt: skip


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_form_draws_every_script(text: str) -> None:
    declared = replace(PARCEL, pieces=(replace(SCARF, description=text),), addressee=replace(BOB, name=text))
    for pdf in (cn22.write(declared, at=AT), cn23.write(declared, at=AT), commercial.invoice(declared, at=AT)):
        copied = set("".join(read(pdf)))
        assert {char for char in text if char.isalpha()} <= copied


def test_the_same_parcel_is_the_same_bytes() -> None:
    for write in (cn22.write, cn23.write, commercial.invoice, commercial.slip, qr.write):
        assert write(PARCEL, at=AT) == write(PARCEL, at=AT)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b[^s]", pdf))


def test_twenty_long_lines_go_on_on_further_sheets() -> None:
    long = replace(SCARF, description="A very long description of a scarf that was printed by hand " * 2)
    declared = replace(PARCEL, pieces=tuple(replace(long, line=number) for number in range(20)))
    assert pages(cn22.write(PARCEL, at=AT)) == pages(cn23.write(PARCEL, at=AT)) == 1
    assert pages(cn23.write(declared, at=AT)) > 1
    assert pages(cn22.write(declared, at=AT)) > 1


@pytest.mark.django_db
class TestOfAnOrder:
    @pytest.fixture
    def order(self, world: World, stripe_double: StripeDouble, client: Client) -> Order:
        order = shipped_order(world, stripe_double)
        client.force_login(world.alice)
        return order

    def test_alice_says_what_is_missing_prints_and_sees_that_it_is_old_after_a_change(
        self, world: World, order: Order, client: Client
    ) -> None:
        page, line = f"/sell/orders/{order.number}/papers/1/", order.lines.get()
        seen = client.get(page).content.decode()
        assert "The net weight of “Indigo and madder scarf” is missing." in seen
        assert "The sender&#x27;s name and address are missing." in seen
        assert client.post(f"{page}cn22.pdf").status_code == 302
        assert not order.printed.exists()
        address = {"name": "Alice Sharma", "street": "14 Johari Bazar", "postal_code": "302003", "city": "Jaipur"}
        client.post("/sell/money/invoices/address/", address | {"country": "IN", "vat_id": ""})
        facts = {f"pieces_{line.pk}": "1", f"net_{line.pk}": "140", "gross_g": "200", "postage": "690"}
        assert client.post(page, facts).status_code == 302
        # 1,900 INR are about 19 EUR.
        assert "CN22 customs label" in client.get(page).content.decode()
        answer = client.post(f"{page}cn22.pdf")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert client.post(f"{page}cn22.pdf").content == answer.content
        assert order.printed.count() == 1
        assert "before the last change" not in client.get(page).content.decode()
        client.post(page, facts | {"gross_g": "210"})
        assert "before the last change" in client.get(page).content.decode()
        client.post(f"{page}cn22.pdf")
        assert [row.version for row in order.printed.order_by("version")] == [1, 2]

    def test_looking_remembers_nothing(self, order: Order, client: Client) -> None:
        assert client.get(f"/sell/orders/{order.number}/papers/1/slip.pdf").status_code == 200
        assert not order.printed.exists()

    def test_nobody_but_the_seller_has_them(self, order: Order, client: Client, bob: User) -> None:
        client.force_login(bob)
        for path in ("", "slip.pdf", "qr.pdf"):
            assert client.get(f"/sell/orders/{order.number}/papers/1/{path}").status_code == 404

    def test_parcels_share_what_was_bought(self, world: World, order: Order) -> None:
        line = order.lines.get()
        line.quantity = 3
        line.save()
        order.goods_minor = 100_000
        order.save()
        for number in (1, 2, 3):
            pack(order.number, number, Facts({line.pk: (1, 140)}), by=world.alice)
        found = [declare(order, number) for number in (1, 2, 3)]
        values = [one.value.amount for one in found if one]
        assert values == [33_333, 33_333, 33_334]
        with pytest.raises(OrderRefused, match="only 1 can be in this parcel"):
            pack(order.number, 3, Facts({line.pk: (2, 140)}), by=world.alice)
        with pytest.raises(OrderRefused, match="Say first what is in parcel 4"):
            pack(order.number, 5, Facts({line.pk: (0, None)}), by=world.alice)
        assert PackedParcel.objects.count() == 3

    def test_what_is_needed_follows_the_value(self, world: World, order: Order) -> None:
        found = showing.papers(order, 1)
        assert [one.kind for one in found.needed] == ["cn23", "invoice", "slip", "qr"]  # nobody has weighed it
        assert found.declared.terms == "DAP Berlin"

    def test_a_schemes_number_stands_on_it_only_where_its_tax_was_collected(self, world: World, order: Order) -> None:
        [registration] = registered("IOSS")

        def references() -> tuple[object, object]:
            declared = declare(order, 1)
            assert declared is not None
            return declared.references, declared.unnamed_schemes

        assert references() == ((), ())  # the buyer pays at the door
        paid = {"amount": "3.61", "currency": "EUR"}
        tax = {
            "kind": "tax",
            "payer": "checkout",
            "certainty": "exact",
            "amount": paid,
            "scheme": "IOSS",
            "label": "VAT",
        }
        order.landed["components"].append(tax)
        assert references() == ((("IOSS", registration.number),), ())
        tax["scheme"] = "VOEC"
        assert references() == ((), ("VOEC",))

    def test_a_new_value_of_the_sdr_starts_today_or_later(self, world: World) -> None:
        said = {"currency": "USD", "per_sdr": Decimal("1.41"), "source": "imf.org", "confidence": "high"}
        with pytest.raises(OrderRefused, match="starts today or later"):
            record_sdr(by=world.moderator, valid_from=DAY - dt.timedelta(days=900), **said)  # type: ignore[arg-type]
        assert SdrValue.objects.count() == 1


def test_an_unpaid_order_has_no_papers(db: None, world: World, stripe_double: StripeDouble, client: Client) -> None:
    order = paid_order(world, stripe_double)
    Order.objects.update(paid_at=None)
    client.force_login(world.alice)
    assert client.get(f"/sell/orders/{order.number}/papers/1/").status_code == 404
