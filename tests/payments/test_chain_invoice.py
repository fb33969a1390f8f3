"""What receipts mean for an invoice."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fx.money import Money
from payments.chain.invoice import Invoice, depth_for, judge
from payments.chain.source import Receipt, Tip
from payments.processors.base import Outcome

OPENED = dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC)
ADDRESS = "bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk"
TIP = Tip(100, "00")
IN_TIME, LATE, NEVER = (OPENED + dt.timedelta(minutes=m) for m in (5, 20, 60 * 48))


def invoice(due: int = 1_000_000, confirmations: int = 2) -> Invoice:
    return Invoice(
        address=ADDRESS,
        index=0,
        due=Money(due, "BTC"),
        confirmations=confirmations,
        born_height=90,
        expires_at=OPENED + dt.timedelta(minutes=15),
        give_up_at=OPENED + dt.timedelta(hours=24),
    )


def receipt(sat: int, depth: int) -> Receipt:
    height = None if depth == 0 else TIP.height - depth + 1
    return Receipt("aa" * 32, 0, ADDRESS, sat, height, None if height is None else "bb", False)


@pytest.mark.parametrize(
    ("receipts", "at", "outcome", "deep"),
    [
        ([], IN_TIME, Outcome.ACTION, 0),
        ([(999, 0)], IN_TIME, Outcome.PARTIAL, 0),
        ([(1_000_000, 0)], IN_TIME, Outcome.SEEN, 0),
        ([(1_000_000, 1)], IN_TIME, Outcome.SEEN, 0),
        ([(1_000_000, 2)], IN_TIME, Outcome.SUCCEEDED, 1_000_000),
        ([(995_000, 2)], IN_TIME, Outcome.SUCCEEDED, 995_000),  # half a percent may be missing
        ([(994_999, 2)], IN_TIME, Outcome.PARTIAL, 994_999),
        ([(600_000, 2), (400_000, 1)], IN_TIME, Outcome.SEEN, 600_000),
        ([(600_000, 2), (400_000, 3)], IN_TIME, Outcome.SUCCEEDED, 1_000_000),
        ([(1_000_000, 2), (1_000_000, 0)], IN_TIME, Outcome.SUCCEEDED, 1_000_000),
        ([(1_500_000, 2)], IN_TIME, Outcome.SUCCEEDED, 1_500_000),
        ([], LATE, Outcome.EXPIRED, 0),
        ([(600_000, 0)], LATE, Outcome.EXPIRED, 0),
        ([(600_000, 2)], LATE, Outcome.EXPIRED, 600_000),
        ([(1_000_000, 1)], LATE, Outcome.SEEN, 0),
        ([(1_000_000, 2)], LATE, Outcome.SUCCEEDED, 1_000_000),
        ([(1_000_000, 0)], NEVER, Outcome.EXPIRED, 0),  # unconfirmed for a day: not waited for any longer
        ([(1_000_000, 2)], NEVER, Outcome.SUCCEEDED, 1_000_000),
    ],
)
def test_the_outcome_follows_amount_depth_and_time(
    receipts: list[tuple[int, int]], at: dt.datetime, outcome: Outcome, deep: int
) -> None:
    verdict = judge(invoice(), [receipt(*r) for r in receipts], TIP, at)
    assert (verdict.outcome, verdict.deep) == (outcome, Money(deep, "BTC"))


@pytest.mark.parametrize(
    ("cents", "depth"),
    [(1, 1), (49_99, 1), (50_00, 2), (999_99, 2), (1_000_00, 3), (9_999_99, 3), (10_000_00, 6), (None, 6)],
)
def test_confirmations_grow_with_the_value(cents: int | None, depth: int) -> None:
    assert depth_for(cents) == depth


def test_the_dust_limit_is_the_tolerance_of_small_sums() -> None:
    assert invoice(due=50_000).enough == Money(50_000 - 546, "BTC")


def test_a_block_that_the_chain_may_still_drop_is_not_deep_however_many_are_on_top() -> None:
    mined = receipt(1_000_000, 5)
    for final, outcome in ((None, Outcome.SUCCEEDED), (96, Outcome.SUCCEEDED), (95, Outcome.SEEN), (0, Outcome.SEEN)):
        assert judge(invoice(), [mined], Tip(100, "00", final), IN_TIME).outcome == outcome


def test_what_the_chain_promises_still_needs_the_depth_that_was_asked() -> None:
    assert judge(invoice(), [receipt(1_000_000, 1)], Tip(100, "00", 100), IN_TIME).outcome == Outcome.SEEN
    waiting = receipt(1_000_000, 0)
    assert not waiting.is_final(Tip(100, "00", 100), 0)  # the mempool is never final


@given(st.lists(st.tuples(st.integers(1, 10**14), st.integers(0, 120)), max_size=6), st.integers(6_000, 10**14))
def test_deep_money_is_mined_and_mined_money_was_seen(receipts: list[tuple[int, int]], due: int) -> None:
    verdict = judge(invoice(due), [receipt(*r) for r in receipts], TIP, IN_TIME)
    assert verdict.deep <= verdict.mined <= verdict.seen
    assert (verdict.outcome == Outcome.SUCCEEDED) == (verdict.deep >= invoice(due).enough)
