"""More goods never cost less at the door; where they do, a limit was crossed and the total says "at least"."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from listings.customs.landed_cost import Line, Shipment
from tests.listings.world import BOOK, MUG, bill, eur, minor, parcel

IOSS = frozenset({"IOSS"})
BOWL = Line("Bowl", "442199", "CN", eur(1000))

places = st.sampled_from(BOOK.countries)


@settings(max_examples=150, deadline=None)
@given(price=st.integers(1, 30_000), quantity=st.integers(1, 9), more=st.integers(1, 9), place=places)
def test_more_pieces_never_cost_less_at_the_door_under_the_same_certainty(
    price: int, quantity: int, more: int, place: str
) -> None:
    few, many = (bill(_mugs(place, price, pieces), registrations=IOSS) for pieces in (quantity, quantity + more))
    if [c.certainty for c in few.components] == [c.certainty for c in many.components]:
        # Each part crosses currencies by itself and may lose half a cent on each side.
        assert few.total() <= many.total() + eur(len(few.components))


@settings(max_examples=60, deadline=None)
@given(quantity=st.integers(1, 6), place=st.sampled_from(["DE", "FR", "IE", "FI", "RO"]))
def test_in_the_union_one_more_piece_of_a_kind_adds_no_duty_and_one_more_kind_adds_three_euro(
    quantity: int, place: str
) -> None:
    one, more = (bill(_mugs(place, 1500, pieces), registrations=IOSS) for pieces in (quantity, quantity + 1))
    assert minor(one, "duty") == minor(more, "duty") == 300
    both = replace(_mugs(place, 1500, quantity), lines=(replace(MUG, unit=eur(1500), quantity=quantity), BOWL))
    assert minor(bill(both, registrations=IOSS), "duty") == 600


def test_a_cent_above_the_unions_limit_less_is_known_and_the_total_says_at_least() -> None:
    # At 150.00: duty 3.00; VAT 19 % of 150.00 + 8.00 + 3.00 = 161.00 is 30.59; together 191.59.
    # At 150.01: duty is the normal tariff, which nobody here knows; VAT 19 % of 158.01 is 30.0219; 188.03 at least.
    # The known sum falls by 3.56 because the flat duty of the rule (EU 2026/382) holds to 150 EUR only.
    at, above = (bill(_mugs("DE", price, 1), registrations=IOSS) for price in (15_000, 15_001))
    assert (minor(at, "duty"), minor(at, "tax"), at.total(), at.incoterm) == (300, 3059, eur(19_159), "DDP")
    assert (minor(above, "duty"), minor(above, "tax"), above.total(), above.incoterm) == (
        None,
        3002,
        eur(18_803),
        "DAP",
    )
    assert above.at_least
    assert above.due_now == eur(15_801)  # nothing of the border is collected on a guess


def _mugs(place: str, price: int, quantity: int) -> Shipment:
    return parcel(place, replace(MUG, unit=eur(price), quantity=quantity))
