"""Checks that look in more than one way: each way finds its own defect."""

from __future__ import annotations

import pytest

from tests.audit.mutants import LAST_HOLD, PAID
from tests.audit.test_mutants import seed
from tests.orders.world import World, broken

pytestmark = pytest.mark.django_db
DEBT = "(select min(id) from ledger_account where code like 'seller:%:debt')"
TO = (
    "insert into ledger_entry (journal_id, line, account_id, currency, amount)"
    " select (select {when}(id) from ledger_journal), 91, id, currency, {amount} from ledger_account"
    " where id = {account}"
)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param([TO.format(when="max", amount=10**12, account=LAST_HOLD)], id="a hold, at the end"),
        pytest.param(
            [
                TO.format(when="min", amount=10**12, account=LAST_HOLD),
                TO.format(when="max", amount=-(10**12), account=LAST_HOLD),
            ],
            id="a hold, in between",
        ),
        pytest.param([TO.format(when="max", amount=-(10**12), account=DEBT)], id="a debt, at the end"),
        pytest.param(
            [
                TO.format(when="min", amount=-(10**12), account=DEBT),
                TO.format(when="max", amount=10**12, account=DEBT),
            ],
            id="a debt, in between",
        ),
    ],
)
def test_an_account_is_on_its_wrong_side(clean_world: World, statements: list[str]) -> None:
    seed(statements)
    assert "A07" in broken()


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(
            [
                TO.format(when="min", amount=-(10**12), account=LAST_HOLD),
                TO.format(when="max", amount=10**12, account=LAST_HOLD),
            ],
            id="a hold",
        ),
        pytest.param(
            [
                TO.format(when="min", amount=10**12, account=DEBT),
                TO.format(when="max", amount=-(10**12), account=DEBT),
            ],
            id="a debt",
        ),
    ],
)
def test_an_account_that_was_always_on_its_right_side_is_not_told(clean_world: World, statements: list[str]) -> None:
    seed(statements)
    assert "A07" not in broken()


def test_a_balance_without_entries_is_no_sum_of_them(clean_world: World) -> None:
    seed(
        [
            "insert into ledger_account (code, currency, kind, guarded)"
            " values ('hold:NEVER', 'EUR', 'liability', true)",
            "insert into ledger_balance (account_id, stripe, sign, guarded, amount)"
            " select id, 0, -1, true, -1 from ledger_account where code = 'hold:NEVER'",
        ]
    )
    assert "A05" in broken()


@pytest.mark.parametrize(
    "defect",
    [
        f"update orders_order set status = 'shipped' where id = {PAID}",
        f"update orders_orderevent set from_status = 'shipped' where seq = 2 and order_id = {PAID}",
        f"update orders_orderevent set seq = seq + 1 where seq > 1 and order_id = {PAID}",
        f"delete from orders_orderevent where order_id = {PAID}",
    ],
    ids=["another end", "a move from elsewhere", "a gap", "no events"],
)
def test_a_chain_of_events_is_broken(clean_world: World, defect: str) -> None:
    seed([defect])
    assert "H02" in broken()


@pytest.mark.parametrize(
    "defect",
    [
        f"update orders_order set status = 'refunded' where id = {PAID}",
        "update payments_refundline set pay_minor = pay_minor - 1 where id ="
        " (select min(b.id) from payments_refundline b join payments_paymentline l on l.id = b.line_id"
        " join orders_order o on o.number = l.ref"
        " where o.status = 'refunded' and b.pay_minor > 0)",
    ],
    ids=["nothing came back", "not all came back"],
)
def test_a_refunded_order_did_not_give_back_all(clean_world: World, defect: str) -> None:
    seed([defect])
    assert "F19" in broken()
