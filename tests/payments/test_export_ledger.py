"""The whole ledger as Beancount and as CSV: legal, balanced, complete, and flat in memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.export.beancount import name
from payments.ledger.export.rows import Wanted
from payments.ledger.export.table import as_csv
from payments.ledger.posting import Draft, post, post_all
from payments.models import Account, Entry
from tests.payments.beancount import Book, read

pytestmark = pytest.mark.django_db


def exported(*args: str) -> str:
    out = io.StringIO()
    call_command("export_ledger", *args, stdout=out)
    return out.getvalue()


def book(*args: str) -> Book:
    return read(exported("beancount", *args))


def rows(*args: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", *args))))


@pytest.fixture
def told(db: None) -> None:
    """A sale across currencies in coin and rupees, its release, and forty days later a debt."""
    hold, payable = codes.hold("A-7K2", "INR"), codes.seller(7, "INR")
    fx = [(codes.fx("BTC"), -30_000), (codes.fx("INR"), 250_000)]
    post("capture:1", "capture", "A-7K2", [(codes.clearing("bitcoin", "BTC"), 30_000), *fx, (hold, -250_000)])
    kept, commission = codes.seller_reserve(7, "INR"), codes.income("commission", "INR")
    legs = [(hold, 250_000), (payable, -240_000), (kept, -5_000), (commission, -5_000)]
    post('release:"A"\\n', "release", "A-7K2", legs)
    with shifted(days=40):
        post(
            "kept:1",
            "kept_fee",
            "=B 2",
            [(codes.seller_debt(7, "INR"), 120), (codes.expense("usdc_base", "INR"), -120)],
        )


@pytest.mark.usefixtures("told")
def test_beancount_reads_every_journal_balanced_on_legal_declared_accounts() -> None:
    found = book()
    assert found.commodities == {"BTC", "INR"}
    assert [(one.kind, one.ref, len(one.postings)) for one in found.transactions] == [
        ("capture", "A-7K2", 4),
        ("release", "A-7K2", 4),
        ("kept_fee", "=B 2", 2),
    ]
    assert found.transactions[1].meta["key"] == r"release:\"A\"\\n"
    assert found.balance("Liabilities:Seller:7:INR") == -2400
    assert str(found.balance("Assets:Clearing:Bitcoin:BTC")) == "0.00030000"
    assert found.codes["Expenses:Expense:Usdc-x5f-base:INR"] == "expense:usdc_base:INR"


@pytest.mark.usefixtures("told")
def test_its_last_lines_assert_what_our_own_balances_say() -> None:
    found = book()
    accounts = {name(one.code, one.kind): codes.parse(one.code, one.currency) for one in Account.objects.all()}
    assert set(found.opened) == set(accounts)
    for account, code in accounts.items():
        says = found.asserted.get(account, (None, 0))[1]
        assert says == (balance(code) if code.sign == 1 else -balance(code)).decimal
    assert "Liabilities:Hold:A-7K2" not in found.asserted
    assert found.asserted["Liabilities:Seller:7:Reserve:INR"][1] == -50


@pytest.mark.usefixtures("told")
def test_a_later_period_opens_with_what_was_there() -> None:
    later = (now() + dt.timedelta(days=40)).date()
    found = book("--since", str(later))
    assert [one.kind for one in found.transactions] == ["opening", "kept_fee"]
    assert found.balance("Liabilities:Seller:7:INR") == -2400
    earlier = book("--until", str(later - dt.timedelta(days=1)))
    assert [one.kind for one in earlier.transactions] == ["capture", "release"]
    assert "Assets:Seller:7:Debt:INR" not in earlier.asserted


@pytest.mark.usefixtures("told")
def test_one_currency_balances_by_itself() -> None:
    found = book("--currency", "BTC")
    assert found.commodities == {"BTC"}
    assert [(account, str(amount)) for account, amount, _ in found.transactions[0].postings] == [
        ("Assets:Clearing:Bitcoin:BTC", "0.00030000"),
        ("Equity:Fx:BTC", "-0.00030000"),
    ]


@pytest.mark.usefixtures("told")
def test_the_csv_has_every_entry_and_sums_to_zero() -> None:
    found = rows()
    assert len(found) == Entry.objects.count() == 10
    sums: dict[str, int] = {}
    for row in found:
        sums[row["currency"]] = sums.get(row["currency"], 0) + int(row["minor"])
        digits = Money(int(row["minor"]), row["currency"])
        assert row["amount"] == f"{digits.decimal:.{8 if row['currency'] == 'BTC' else 2}f}"
    assert sums == {"BTC": 0, "INR": 0}
    assert {row["ref"] for row in found} == {"A-7K2", "'=B 2"}


def test_empty_books_are_an_empty_export() -> None:
    assert rows() == []
    assert book().transactions == []


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--currency", "XXX"), "no currency"),
        (("--since", "yesterday"), "no day"),
        (("--since", "2026-02-02", "--until", "2026-02-01"), "before the first"),
    ],
)
def test_what_cannot_be_is_refused(args: tuple[str, ...], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        exported("csv", *args)


@pytest.mark.usefixtures("told")
def test_a_file_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "books.beancount"
    exported("beancount", "--output", str(file))
    assert len(read(file.read_text()).transactions) == 3
    with pytest.raises(FileExistsError):
        exported("beancount", "--output", str(file))


def many(first: int, last: int) -> None:
    legs = [(codes.clearing("stripe", "EUR"), 1), (codes.fx("EUR"), -1)]
    post_all([Draft(f"many:{one}", "test", "R" * 200, legs) for one in range(first, last)])


def peak() -> int:
    """The most memory that an export takes beyond what there was."""
    tracemalloc.start()
    for _ in as_csv(Wanted()):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_books(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.ledger.export.rows.BATCH", 100)
    many(0, 400)
    peak()
    few = peak()
    many(400, 2400)
    assert peak() < 2 * few
