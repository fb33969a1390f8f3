"""Parcels to every destination, each sum worked by hand in its comment from `listings/data/import_rules.csv`.

All in the rule's own currency, minor units, so that no exchange rate is in them. The source of each is the column
`source` of the rule of its country and day; the last test holds that there is one. Sent from India unless said.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from fx.money import Money
from listings.customs.landed_cost import LandedCost, Line, Payer, Shipment
from tests.listings.world import BOOK, NOVEMBER, bill

SEPTEMBER = dt.date(2026, 9, 1)
BOWL, TEE, SHOE, BOOK_OF_POEMS, BISCUITS = "691110", "610910", "640399", "490199", "190531"


@dataclass(frozen=True)
class Golden:
    """`goods`: (HS code, unit, pieces) each; `duty`, `tax`: None is unknown, -1 none at all; `fees`: the known ones."""

    to: str
    currency: str
    goods: tuple[tuple[str, int, int], ...]
    shipping: int
    duty: int | None
    tax: int | None
    total: int
    due_now: int
    terms: str
    at_least: bool = False
    fees: int = 0
    scheme: str = ""
    on: dt.date = NOVEMBER
    sender: str = "IN"

    def bill(self) -> LandedCost:
        lines = tuple(Line(code, code, "IN", Money(unit, self.currency), n) for code, unit, n in self.goods)
        sent = Shipment(lines, Money(self.shipping, self.currency), self.sender, self.to)
        return bill(sent, self.currency, on=self.on, registrations=frozenset({self.scheme} - {""}))


def one(price: int, code: str = BOWL) -> tuple[tuple[str, int, int], ...]:
    return ((code, price, 1),)


def member(to: str, tax: int, *, at_least: bool = False) -> Golden:
    """60.00 and 8.00 shipping under IOSS: duty 3.00 for one kind, tax on 60 + 8 + 3 = 71.00, all collected."""
    total = 7100 + tax
    return Golden(to, "EUR", one(6000), 800, 300, tax, total, total, "DDP", at_least, scheme="IOSS", on=SEPTEMBER)


MEMBERS = [
    member("AT", 1420),  # 20 % of 71.00
    member("BE", 1491),  # 21 %
    member("BG", 1420),  # 20 %
    member("CY", 1349),  # 19 %
    member("CZ", 1491),  # 21 %
    member("DE", 1349),  # 19 %
    member("DK", 1775),  # 25 %
    member("EE", 1704),  # 24 %
    member("ES", 1491),  # 21 %
    member("FI", 1811),  # 25.5 %: 18.105, half up
    member("FR", 1420, at_least=True),  # 20 %; whether its own tax on small parcels is still due is not known
    member("GR", 1704),  # 24 %
    member("HR", 1775),  # 25 %
    member("HU", 1917),  # 27 %
    member("IE", 1633),  # 23 %
    member("IT", 1562, at_least=True),  # 22 %; its contribution: not known
    member("LT", 1491),  # 21 %
    member("LU", 1207),  # 17 %
    member("LV", 1491),  # 21 %
    member("MT", 1278),  # 18 %
    member("NL", 1491),  # 21 %
    member("PL", 1633),  # 23 %
    member("PT", 1633),  # 23 %
    member("RO", 1491, at_least=True),  # 21 %; its logistics tax: not known
    member("SE", 1775),  # 25 %
    member("SI", 1562),  # 22 %
    member("SK", 1633),  # 23 %
]
UNION = [
    # two kinds: 6.00; 2 x 20 + 30 + 8 + 6 = 84.00, 19 % is 15.96
    Golden(
        *("DE", "EUR", ((TEE, 2000, 2), (SHOE, 3000, 1)), 800, 600, 1596, 9996, 9996, "DDP"),
        scheme="IOSS",
        on=SEPTEMBER,
    ),
    # 150.00 is still small: 150 + 10 + 3 = 163.00, 19 % is 30.97
    Golden("DE", "EUR", one(15000), 1000, 300, 3097, 19397, 19397, "DDP", scheme="IOSS", on=SEPTEMBER),
    # a cent more is not: normal tariff, unknown; 19 % of 160.01 is 30.4019, an estimate; paid at the door
    Golden("DE", "EUR", one(15001), 1000, None, 3040, 19041, 16001, "DAP", True, scheme="IOSS", on=SEPTEMBER),
    # without a registration the same sums at the door, and the carrier's fee is not known
    Golden("DE", "EUR", one(6000), 800, 300, 1349, 8449, 6800, "DAP", True, on=SEPTEMBER),
    # since November a handling fee is announced whose amount nobody could tell: collected, but "at least"
    Golden("DE", "EUR", one(6000), 800, 300, 1349, 8449, 8449, "DDP", True, scheme="IOSS"),
    # a book may be taxed at 7 %: the 19 % are an estimate, and estimates are not collected
    Golden("DE", "EUR", one(6000, BOOK_OF_POEMS), 800, 300, 1349, 8449, 6800, "DAP", True, scheme="IOSS", on=SEPTEMBER),
    # from another member there is no border
    Golden("DE", "EUR", one(6000), 800, -1, -1, 6800, 6800, "domestic", sender="FR", scheme="IOSS"),
]
OTHERS = [
    # GB: 20 % of 100 + 10 = 22.00, no duty up to 135
    Golden("GB", "GBP", one(10000), 1000, 0, 2200, 13200, 13200, "DDP", scheme="UK-POS"),
    # 135.00 itself: 20 % of 140.00
    Golden("GB", "GBP", one(13500), 500, 0, 2800, 16800, 16800, "DDP", scheme="UK-POS"),
    # a penny more: tariff unknown, 20 % of 140.01 = 28.002
    Golden("GB", "GBP", one(13501), 500, None, 2800, 16801, 14001, "DAP", True, scheme="UK-POS"),
    Golden(
        "GB", "GBP", one(10000), 1000, 0, 2200, 13200, 11000, "DAP", True
    ),  # not registered: the carrier asks for it
    Golden(
        "GB", "GBP", one(10000, BISCUITS), 1000, 0, 2200, 13200, 11000, "DAP", True, scheme="UK-POS"
    ),  # food may be 0 %
    # US: duty by origin and state sales tax are not in the table
    Golden("US", "USD", one(5000), 1000, None, -1, 6000, 6000, "DAP", True),
    # while Section 122 lasted: 10 % of 60.00
    Golden("US", "USD", one(5000), 1000, 600, -1, 6600, 6000, "DAP", True, on=dt.date(2026, 5, 1)),
    # CA: tariff unknown; GST 5 % of the goods, 50.00, is 2.50; the province's tax on top is not known
    Golden("CA", "CAD", one(5000), 1000, None, 250, 6250, 6000, "DAP", True),
    Golden("CA", "CAD", one(2000), 1000, 0, 0, 3000, 3000, "DAP"),  # up to 20.00 nothing is levied
    # AU: 10 % of 110.00
    Golden("AU", "AUD", one(10000), 1000, 0, 1100, 12100, 12100, "DDP", scheme="AU-LVIG"),
    # each piece counts by itself: 600.00 twice is low value; 10 % of 1,220.00
    Golden("AU", "AUD", ((BOWL, 60000, 2),), 2000, 0, 12200, 134200, 134200, "DDP", scheme="AU-LVIG"),
    Golden("AU", "AUD", one(10000), 1000, 0, 1100, 12100, 11000, "DAP", True),
    # NZ: 15 % of 110.00 and the levy of 2.54
    Golden("NZ", "NZD", one(10000), 1000, 0, 1650, 12904, 12904, "DDP", fees=254, scheme="NZ-LVG"),
    # CH: up to 62.00 the tax is too small to be levied; 8.1 % of 70.01 is 5.67081
    Golden("CH", "CHF", one(6200), 800, 0, 0, 7000, 7000, "DDP", scheme="CH-MAIL"),
    Golden("CH", "CHF", one(6201), 800, 0, 567, 7568, 7568, "DDP", scheme="CH-MAIL"),
    # NO: 25 % of 1,100.00; each piece up to 3,000.00; without VOEC the duty is not known
    Golden("NO", "NOK", one(100000), 10000, 0, 27500, 137500, 137500, "DDP", scheme="VOEC"),
    Golden(
        "NO", "NOK", ((BOWL, 300000, 2),), 10000, 0, 152500, 762500, 762500, "DDP", scheme="VOEC"
    ),  # 25 % of 6,100.00
    Golden("NO", "NOK", one(100000), 10000, None, 27500, 137500, 110000, "DAP", True),
    Golden("NO", "NOK", one(20000, BISCUITS), 5000, 0, 6250, 31250, 25000, "DAP", True, scheme="VOEC"),  # food: 15 %?
    # JP: nothing up to 10,000; above 10 % of 11,001 at least; from April 2028 the platform collects 10 % of 6,000
    Golden("JP", "JPY", one(10000), 1000, 0, 0, 11000, 11000, "DAP"),
    Golden("JP", "JPY", one(10001), 1000, None, 1100, 12101, 11001, "DAP", True),
    Golden("JP", "JPY", one(5000), 1000, 0, 600, 6600, 6600, "DDP", scheme="JP-JCT", on=dt.date(2028, 4, 1)),
    # KR: nothing up to 150.00; above 10 % of 160.01
    Golden("KR", "USD", one(15000), 1000, 0, 0, 16000, 16000, "DAP"),
    Golden("KR", "USD", one(15001), 1000, None, 1600, 17601, 16001, "DAP", True),
    # SG: 9 % of 110.00; a piece above 400.00 is outside of the scheme: 9 % of 410.01 = 36.9009 at the door
    Golden("SG", "SGD", one(10000), 1000, 0, 990, 11990, 11990, "DDP", scheme="SG-OVR"),
    Golden("SG", "SGD", one(40001), 1000, 0, 3690, 44691, 41001, "DAP", True, scheme="SG-OVR"),
    # IN: 10 % of 5,500.00, then 18 % of 6,050.00
    Golden("IN", "INR", one(500000), 50000, 55000, 108900, 713900, 550000, "DAP", True, sender="US"),
    # BR: 20 % of 50.00; the tax is 17/83 of 60.00: 12.289; above 50.00: 60 % of 110.00 less 20.00, 17/83 of 156.00
    Golden("BR", "USD", one(4000), 1000, 1000, 1229, 7229, 5000, "DAP", True),
    Golden("BR", "USD", one(10000), 1000, 4600, 3195, 18795, 11000, "DAP", True),
    # MX: 33.5 % of 100.00, tax inside; from its treaty partners in the north nothing to 50, 17 % to 117, then 19 %
    Golden("MX", "USD", one(10000), 1000, 3350, -1, 14350, 11000, "DAP", True),
    Golden("MX", "USD", one(5000), 500, 0, -1, 5500, 5500, "DAP", sender="US"),
    Golden("MX", "USD", one(10000), 500, 1700, -1, 12200, 10500, "DAP", True, sender="US"),
    Golden("MX", "USD", one(20000), 500, 3800, -1, 24300, 20500, "DAP", True, sender="CA"),
    # ZA: 20 % of 450.00, 15 % of 540.00; above 500.00 the tariff: 15 % of 550.01
    Golden("ZA", "ZAR", one(40000), 5000, 9000, 8100, 62100, 45000, "DAP", True),
    Golden("ZA", "ZAR", one(50001), 5000, None, 8250, 63251, 55001, "DAP", True),
    Golden("TR", "EUR", one(5000), 1000, None, 1200, 7200, 6000, "DAP", True),  # tariff unknown; 20 % of 60.00
    # AE: up to 1,000.00 no duty, 5 % of 1,050.00; above 5 % of 1,050.01 and 5 % of 1,102.51 = 55.1255
    Golden("AE", "AED", one(100000), 5000, 0, 5250, 110250, 105000, "DAP", True),
    Golden("AE", "AED", one(100001), 5000, 5250, 5513, 115764, 105001, "DAP", True),
    # SA: the limit has the shipping in it: 950 + 50 is 1,000.00; a halala more: 5 % of 1,000.01, 15 % of 1,050.01
    Golden("SA", "SAR", one(95000), 5000, 0, 15000, 115000, 100000, "DAP", True),
    Golden("SA", "SAR", one(95001), 5000, 5000, 15750, 120751, 100001, "DAP", True),
    Golden(
        "CN", "CNY", one(20000), 2000, None, 2860, 24860, 22000, "DAP", True
    ),  # not connected: unknown; 13 % of 220.00
    Golden("HK", "HKD", one(50000), 5000, 0, -1, 55000, 55000, "DAP"),  # a free port
    # ID: no duty up to 3.00, 11 % of 8.00; above 7.5 % of 60.00 and 11 % of 64.50 = 7.095
    Golden("ID", "USD", one(300), 500, 0, 88, 888, 800, "DAP", True),
    Golden("ID", "USD", one(5000), 1000, 450, 710, 7160, 6000, "DAP", True),
    Golden("TH", "THB", one(50000), 5000, None, 3850, 58850, 55000, "DAP", True),  # tariff; 7 % of 550.00
    Golden("VN", "VND", one(500000), 50000, None, 55000, 605000, 550000, "DAP", True),  # tariff; 10 % of 550,000
    # PH: nothing up to 10,000.00; above 12 % of 10,500.01
    Golden("PH", "PHP", one(1000000), 50000, 0, 0, 1050000, 1050000, "DAP"),
    Golden("PH", "PHP", one(1000001), 50000, None, 126000, 1176001, 1050001, "DAP", True),
    Golden("MY", "MYR", one(20000), 2000, 0, 2000, 24000, 24000, "DDP", scheme="MY-LVG"),  # 10 % of the goods alone
    # IL: nothing up to 75.00; above 18 % of 85.01 = 15.3018, no duty up to 500.00
    Golden("IL", "USD", one(7500), 1000, 0, 0, 8500, 8500, "DAP"),
    Golden("IL", "USD", one(7501), 1000, 0, 1530, 10031, 8501, "DAP", True),
    # KE: tariff unknown; 16 % of 5,500.00; 4.5 % of the goods for declaration and railway
    Golden("KE", "KES", one(500000), 50000, None, 88000, 660500, 550000, "DAP", True, fees=22500),
    Golden("NG", "USD", one(30000), 2000, 0, 0, 32000, 32000, "DAP"),  # nothing up to 300.00
    Golden("CL", "USD", one(20000), 2000, 0, 4180, 26180, 26180, "DDP", scheme="CL-IVA"),  # 19 % of 220.00
    # CO: nothing up to 200.00; above 10 % of 220.01, 19 % of 242.01 = 45.9819
    Golden("CO", "USD", one(20000), 2000, 0, 0, 22000, 22000, "DAP"),
    Golden("CO", "USD", one(20001), 2000, 2200, 4598, 28799, 22001, "DAP", True),
    # AR: no duty up to 400.00, 21 % of 420.00; above half of what exceeds it, shipping counted: 520 / 2 - 200 = 60.00
    Golden("AR", "USD", one(40000), 2000, 0, 8820, 50820, 42000, "DAP", True),
    Golden("AR", "USD", one(50000), 2000, 6000, 12180, 70180, 52000, "DAP", True),  # 21 % of 580.00
]
PARCELS = [*MEMBERS, *UNION, *OTHERS]


@pytest.mark.parametrize("golden", PARCELS, ids=lambda g: f"{g.to}-{g.goods[0][1]}-{g.scheme or g.sender}")
def test_the_sum_is_the_one_worked_by_hand(golden: Golden) -> None:
    landed = golden.bill()
    parts = {kind: [c.amount for c in landed.components if c.kind == kind] for kind in ("duty", "tax", "fee")}
    duty, tax = (_only(parts[kind]) for kind in ("duty", "tax"))
    fees = sum(amount.amount for amount in parts["fee"] if amount is not None)
    found = (duty, tax, fees, landed.total().amount, landed.due_now.amount, landed.incoterm, landed.at_least)
    assert found == (
        *(golden.duty, golden.tax, golden.fees, golden.total, golden.due_now, golden.terms, golden.at_least),
    )
    assert landed.total() == landed.due_now + landed.total(Payer.DELIVERY)


def _only(amounts: list[Money | None]) -> int | None:
    if not amounts:
        return -1
    [amount] = amounts
    return None if amount is None else amount.amount


def test_every_destination_has_one_and_every_rule_a_source() -> None:
    assert {golden.to for golden in PARCELS} == set(BOOK.countries)
    assert len(MEMBERS) == 27
    for golden in PARCELS:
        rule = golden.bill().rule
        assert golden.terms == "domestic" or (rule is not None and rule.source)
