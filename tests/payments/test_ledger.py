"""The books: what the database refuses, whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import Error, connection, transaction

from fx.money import Money
from payments.ledger import codes
from payments.ledger.balances import balance, locked, statement, trial_balance
from payments.ledger.posting import Draft, LedgerRefused, post, post_all, posted

pytestmark = pytest.mark.django_db

STRIPE_EUR = codes.clearing("stripe", "EUR")
BANK_EUR = codes.clearing("bank", "EUR")
HOLD = codes.hold("A1", "EUR")
ALICE = codes.seller(7, "EUR")


@transaction.atomic
def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("set constraints all immediate")


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])


def test_a_balanced_journal_moves_both_balances() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    assert balance(STRIPE_EUR) == Money(1000, "EUR")
    assert balance(HOLD) == Money(1000, "EUR")
    assert trial_balance() == {}


def test_an_account_that_was_never_opened_has_nothing() -> None:
    assert balance(codes.seller(99, "JPY")) == Money(0, "JPY")


@pytest.mark.parametrize(
    ("legs", "why"),
    [
        ([(STRIPE_EUR, 1000), (HOLD, -999)], "is off by 1 EUR"),
        ([(STRIPE_EUR, 1000)], "is off by 1000 EUR"),
        ([(STRIPE_EUR, 1000), (codes.fx("USD"), -1000)], "is off by"),
        ([(STRIPE_EUR, 0), (HOLD, 0)], "moves nothing"),
        ([(STRIPE_EUR, -1), (HOLD, 1)], "a guarded account would cross zero"),
        ([(STRIPE_EUR, 2**63), (HOLD, -(2**63))], "out of range"),
    ],
)
def test_a_wrong_journal_is_refused_and_nothing_moves(legs: list[tuple[codes.Code, int]], why: str) -> None:
    with pytest.raises(LedgerRefused, match=why):
        post("wrong", "capture", "A1", legs)
    assert (rows("ledger_journal"), rows("ledger_entry")) == (0, 0)
    assert balance(STRIPE_EUR) == Money(0, "EUR")


def test_an_account_keeps_one_currency() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    with pytest.raises(LedgerRefused, match="Account hold:A1 keeps EUR as liability"):
        post("2", "capture", "A1", [(codes.fx("USD"), 5), (codes.hold("A1", "USD"), -5)])


def test_the_database_refuses_an_entry_in_another_currency_than_its_account() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_journal (key, kind, fingerprint, occurred_at)"
            " values ('x', 'x', gen_random_uuid(), now()) returning id"
        )
        entries = (
            f"insert into ledger_entry select {cursor.fetchone()[0]}, row_number() over (), id, 'USD',"
            " case code when 'hold:A1' then -1 else 1 end from ledger_account"
        )
    with pytest.raises(Error, match="violates foreign key"):
        execute(entries)


def test_a_guarded_account_never_crosses_zero_and_the_transaction_lives_on() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    post("release:A1", "release", "A1", [(HOLD, 1000), (ALICE, -1000)])
    with pytest.raises(LedgerRefused, match="a guarded account would cross zero"):
        post("release:A1:again", "release", "A1", [(HOLD, 1), (ALICE, -1)])
    with pytest.raises(LedgerRefused, match="a guarded account would cross zero"):
        post("payout:1", "payout", "1", [(ALICE, 1001), (codes.payouts("EUR"), -1001)])
    assert balance(HOLD) == Money(0, "EUR")
    assert balance(ALICE) == Money(1000, "EUR")


def test_a_replay_is_harmless_whatever_the_order_of_its_legs() -> None:
    first = post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    again = post("capture:1", "capture", "A1", [(HOLD, -400), (HOLD, -600), (STRIPE_EUR, 1000)])
    assert first == again == posted("capture:1")
    assert balance(HOLD) == Money(1000, "EUR")


def test_a_replay_with_other_legs_is_an_error() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    with pytest.raises(LedgerRefused, match="key capture:1 was used for other legs"):
        post("capture:1", "capture", "A1", [(STRIPE_EUR, 1001), (HOLD, -1001)])
    assert balance(HOLD) == Money(1000, "EUR")


def test_several_journals_go_together_or_not_at_all() -> None:
    good = Draft("a", "capture", "A1", [(STRIPE_EUR, 10), (HOLD, -10)])
    bad = Draft("b", "release", "A1", [(HOLD, 11), (ALICE, -11)])
    with pytest.raises(LedgerRefused):
        post_all([good, bad])
    assert posted("a") is None
    assert balance(STRIPE_EUR) == Money(0, "EUR")


@pytest.mark.parametrize(
    "sql",
    [
        "update ledger_entry set amount = amount * 2",
        "delete from ledger_entry",
        "truncate ledger_entry",
        "update ledger_journal set ref = 'B2'",
        "delete from ledger_journal",
        "truncate ledger_journal cascade",
        "update ledger_account set guarded = false",
        "delete from ledger_account",
        "update ledger_balance set amount = 0",
        "insert into ledger_balance values (1, 17, 1, false, 5)",
        "delete from ledger_balance",
    ],
)
def test_what_was_posted_cannot_be_changed_even_by_a_superuser_of_the_database(sql: str) -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    with pytest.raises(Error, match="is append-only"):
        execute(sql)
    assert balance(HOLD) == Money(1000, "EUR")


def test_a_statement_runs_backwards_with_the_balance_after_each_line() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    post("refund:1", "refund", "A1", [(HOLD, 300), (STRIPE_EUR, -300)])
    lines = [(line.key, line.amount.amount, line.balance.amount) for line in statement(HOLD)]
    assert lines == [("refund:1", -300, 700), ("capture:1", 1000, 1000)]


def test_a_locked_balance_reads_the_same() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])
    assert locked(HOLD) == balance(HOLD) == Money(1000, "EUR")
    assert locked(STRIPE_EUR) == Money(1000, "EUR")


def test_the_worked_example_of_a_cross_currency_sale() -> None:
    """Buyer pays USD 1,117.20, seller gets EUR 995.00 less 5 %, 20 % goes back before release."""
    usd, fee = codes.clearing("stripe", "USD"), codes.expense("stripe", "USD")
    hold, seller = codes.hold("order42", "EUR"), codes.seller(7, "EUR")
    fx_usd, fx_eur = codes.fx("USD"), codes.fx("EUR")
    commission, payouts = codes.income("commission", "EUR"), codes.payouts("EUR")
    post("capture:p1", "capture", "order42", [(usd, 111720), (fx_usd, -111720), (fx_eur, 99500), (hold, -99500)])
    post("fee:txn_1", "fee", "p1", [(fee, 3270), (usd, -3270)])
    post("refund:r1", "refund", "order42", [(hold, 19900), (fx_eur, -19900), (fx_usd, 22344), (usd, -22344)])
    post("release:42", "release", "order42", [(hold, 79600), (seller, -75620), (commission, -3980)])
    post("payout:1", "payout", "7", [(seller, 75620), (payouts, -75620)])
    post("payout:1:paid", "payout_paid", "7", [(payouts, 75620), (BANK_EUR, -75620)])
    left = {code.code: balance(code).amount for code in (usd, fee, fx_usd, fx_eur, hold, seller, payouts)}
    assert left == {
        "clearing:stripe:USD": 86106,
        "expense:stripe:USD": 3270,
        "fx:USD": 89376,
        "fx:EUR": -79600,
        "hold:order42": 0,
        "seller:7:EUR": 0,
        "payouts:EUR": 0,
    }
    assert balance(commission) == Money(3980, "EUR")
    assert balance(BANK_EUR) == Money(-75620, "EUR")
    assert trial_balance() == {}


def in_threads(number: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(0..number-1)` at once, each with its own connection; the errors they ended with."""
    errors: list[BaseException] = []
    gate = threading.Barrier(number)

    def run(index: int) -> None:
        try:
            gate.wait()
            work(index)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.django_db(transaction=True)
def test_eight_threads_on_shared_accounts_neither_deadlock_nor_lose_a_cent() -> None:
    pool = [codes.clearing("stripe", "EUR"), codes.fx("EUR"), codes.income("commission", "EUR")]
    debt = codes.seller_debt(1, "EUR")

    def work(index: int) -> None:
        for turn in range(25):
            a, b = pool[(index + turn) % 3], pool[(index + turn + 1) % 3]
            post(f"t:{index}:{turn}", "test", "", [(a, 7), (b, -10), (debt, 3)])
            post_all(
                [
                    Draft(f"u:{index}:{turn}", "test", "", [(b, 5), (a, -5)]),
                    Draft(f"v:{index}:{turn}", "test", "", [(a, 2), (b, -2)]),
                ]
            )

    assert in_threads(8, work) == []
    assert balance(debt) == Money(600, "EUR")
    assert rows("ledger_journal") == 600
    assert trial_balance() == {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select account_id, sum(amount) s from ledger_balance group by 1) b"
            " left join (select account_id, sum(amount) s from ledger_entry group by 1) e using (account_id)"
            " where b.s <> coalesce(e.s, 0)"
        )
        assert cursor.fetchone()[0] == 0


@pytest.mark.django_db(transaction=True)
def test_of_eight_that_empty_one_guarded_account_one_succeeds() -> None:
    post("capture:1", "capture", "A1", [(STRIPE_EUR, 1000), (HOLD, -1000)])

    def work(index: int) -> None:
        post(f"release:{index}", "release", "A1", [(HOLD, 600), (ALICE, -600)])

    errors = in_threads(8, work)
    assert [type(error) for error in errors] == [LedgerRefused] * 7
    assert balance(HOLD) == Money(400, "EUR")


@pytest.mark.parametrize(
    "code",
    [
        codes.seller(7, "INR"),
        codes.seller_debt(7, "INR"),
        codes.buyer(3, "BTC"),
        codes.payouts("EUR"),
        codes.clearing("stripe", "EUR"),
        codes.fx("JPY"),
        codes.drawn("EUR"),
        codes.drawings("EUR"),
        codes.income("commission", "EUR"),
        codes.expense("stripe", "EUR"),
        codes.tax("IOSS", "DE", "EUR"),
        codes.duty("carrier", "EUR"),
        codes.suspense("bitcoin", "BTC"),
    ],
)
def test_a_code_can_be_read_back(code: codes.Code) -> None:
    assert codes.parse(code.code) == code


def test_a_hold_is_read_back_with_its_currency() -> None:
    assert codes.parse("hold:A7K2", "INR") == codes.hold("A7K2", "INR")


@pytest.mark.parametrize(
    "text", ["", "hold", "hold:", "seller:x:EUR", "seller:٣:EUR", "cash:1:EUR", "fx:XXX", "tax:a:EUR"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        codes.parse(text, "EUR")


def test_a_part_with_a_colon_cannot_forge_another_account() -> None:
    with pytest.raises(codes.CodeError, match="no colon"):
        codes.hold("A1:EUR", "EUR")
