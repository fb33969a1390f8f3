"""The export pack: every field of the forms is in it or named as not applicable, and it says what the papers say."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fx.money import Money
from orders import papers
from orders.papers.pack import data_of
from tests.doubles import StripeDouble
from tests.orders.papers.test_papers import PARCEL, SCARF
from tests.orders.world import World, shipped_order

FIELDS = list(csv.DictReader((Path(papers.__file__).parent / "fields.csv").open(encoding="utf-8")))
FULL = replace(
    PARCEL,
    pieces=(replace(SCARF, sku="SC-1", maker_id="M-1", gtin="4006381333931"),),
    references=(("EORI", "DE1234567"),),
    unnamed_schemes=("IOSS",),
    charged=(("Duty", Money(300, "EUR")),),
    tracking_number="EE123456785IN",
    carrier="India Post",
    comments="Dried flowers",
    licences="L-1",
    certificates="C-1",
)


def found(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = data[0] if isinstance(data, list) else data
        data = data[name]
    return data


def test_the_table_has_every_form() -> None:
    assert {row["form"] for row in FIELDS} == {"CN22", "CN23", "Commercial invoice", "EAD (UPU ITMATT)"}
    assert len(FIELDS) == 61


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: f"{row['form']} {row['box']} {row['label_en'][:30]}")
def test_every_field_is_in_the_pack_or_says_why_not(row: dict[str, str]) -> None:
    assert bool(row["pack"]) is not bool(row["why_not"])
    if row["pack"]:
        assert found(data_of(FULL), row["pack"])


def test_a_piece_is_said_in_full() -> None:
    assert data_of(FULL)["content_pieces"] == [
        {
            "count": 2,
            "description": "Scarf",
            "net_weight_g": 280,
            "value": {"amount": "100.00", "currency": "EUR"},
            "hs_code": "621490",
            "origin": "IN",
            "sku": "SC-1",
            "manufacturer_product_id": "M-1",
            "gtin": "4006381333931",
        }
    ]


@pytest.mark.django_db
def test_page_api_and_admin_hand_out_the_same(world: World, stripe_double: StripeDouble, client: Client) -> None:
    order = shipped_order(world, stripe_double)
    client.force_login(world.alice)
    zipped = client.get(f"/sell/orders/{order.number}/papers/1/papers.zip").content
    with zipfile.ZipFile(io.BytesIO(zipped)) as file:
        assert file.namelist() == ["slip.pdf", "qr.pdf", "pack.json"]  # nobody said yet what the others need
        data = json.loads(file.read("pack.json"))
    assert (data["total_value"], data["item_id"]) == ({"amount": "1900.00", "currency": "INR"}, "EE123456785IN")
    said = client.get(f"/api/v1/sales/{order.number}/papers/1/").json()
    assert said["declares"] == data
    assert said["form"] == "cn23"
    assert "The net weight of “Indigo and madder scarf” is missing." in said["missing"]
    assert [(one["kind"], one["can"]) for one in said["papers"]] == [
        ("cn23", False),
        ("invoice", False),
        ("slip", True),
        ("qr", True),
    ]
    refused = client.get(f"/api/v1/sales/{order.number}/papers/1/cn23.pdf")
    assert refused.status_code == 409
    assert client.get(f"/api/v1/sales/{order.number}/papers/1/slip.pdf").headers["Content-Type"] == "application/pdf"
    assert client.get(f"/api/v1/sales/{order.number}/papers/1/papers.zip").content == zipped
