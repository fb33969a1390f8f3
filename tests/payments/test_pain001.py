"""Payment files for banks: whatever a seller is called and wherever they live, the standard takes it."""

from __future__ import annotations

import datetime as dt
import string
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fx.money import COINS, EXPONENT, Money, MoneyError
from payments.payouts.banktext import LATIN, latin
from payments.payouts.corridors import CORRIDORS
from payments.payouts.pain001 import Order, Party, Transfer, blocks, build
from payments.processors.bank import Bank
from payments.processors.base import Refused
from tests.bankschema import P, wrong

AT = dt.datetime(2026, 11, 28, 9, 15, 2, 5, tzinfo=dt.UTC)
DEBTOR = Party("Entrepôt Demo", "DE", iban="DE75512108001245126199", bic="SOLADEST600")
IBANS = ["DE89370400440532013000", "ES9121000418450200051332", "GB29NWBK60161331926819", "SA0380000000608010167519"]
GERMAN = Party("Müller & Söhne", "DE", iban=IBANS[0])
ARABIAN = Party("Huda", "SA", town="Jeddah", iban=IBANS[3])
INDIAN = Party("Alice Ärmel", "IN", "Jaipur", account="123456789012", system="INFSC", member="SBIN0001234")
KOREAN = Party("Kim", "KR", account="1234567890", bic="HNBNKRSE")


def order(*transfers: Transfer, currency: str = "EUR") -> Order:
    return Order("EP" + "0" * 28, AT, "Entrepôt Demo", DEBTOR, currency, transfers)


def transfer(to: Party, amount: Money | None = None, reference: str = "a" * 32) -> Transfer:
    return Transfer(reference, amount or Money(5000, "EUR"), to, "GDDS", "Payout")


def found(xml: str, path: str) -> list[str]:
    root = ElementTree.fromstring(xml)
    return [element.text or "" for element in root.findall(f".//p:{path.replace('/', '/p:')}", P)]


# --- anything that can be asked for ------------------------------------------------------------------

NAMES = st.text(min_size=1, max_size=90).filter(lambda text: any(char.isascii() and char.isalnum() for char in text))
TOWNS = st.one_of(st.just(""), st.text(max_size=60), st.sampled_from(["Jaipur", "São Paulo", "Łódź", "東京", "-/-"]))


@st.composite
def parties(draw: st.DrawFn) -> Party:
    name, town = draw(NAMES), draw(TOWNS)
    home = draw(st.text(string.ascii_uppercase, min_size=2, max_size=2))
    if draw(st.booleans()):
        return Party(name, home, town, iban=draw(st.sampled_from(IBANS)))
    country = draw(st.sampled_from(sorted(CORRIDORS)))
    corridor = CORRIDORS[country]
    account = draw(st.from_regex(corridor.account, fullmatch=True, alphabet=string.digits))
    letters = string.ascii_uppercase + string.digits
    member = draw(st.from_regex(corridor.member, fullmatch=True, alphabet=letters))
    bank = {"bic": member} if corridor.by_bic else {"system": corridor.system, "member": member}
    return Party(name, home, town, account=account, **bank)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    currency = draw(st.sampled_from(sorted(set(EXPONENT) - COINS)))
    count = draw(st.integers(1, 6))
    amounts = st.integers(1, 10**14)
    each = [
        Transfer(
            f"{number:032x}", Money(draw(amounts), currency), draw(parties()), "GDDS", draw(st.text(max_size=200)) + "x"
        )
        for number in range(count)
    ]
    return Order("EP" + "F" * 28, AT, draw(NAMES), DEBTOR, currency, each)


@settings(max_examples=150, deadline=None)
@given(orders())
def test_the_standard_takes_every_file_that_can_be_asked_for(order: Order) -> None:
    xml = build(order)
    assert wrong(xml) == []
    assert sorted(found(xml, "PmtId/EndToEndId")) == sorted(one.reference for one in order.transfers)
    assert set().union(*blocks(xml).values()) == {one.reference for one in order.transfers}


@given(st.text(max_size=300), st.integers(1, 140))
def test_no_text_keeps_a_character_that_a_bank_would_refuse(text: str, longest: int) -> None:
    plain = latin(text, longest)
    assert len(plain) <= longest
    assert set(plain) <= LATIN
    assert plain == plain.strip()
    assert not plain.startswith(("/", "-", ":"))
    assert "//" not in plain
    assert latin(plain, longest) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller & Söhne GmbH", "Muller + Sohne GmbH"),
        ("Łódź ß", "Lodz ss"),
        ("Işıl Öztürk", "Isil Ozturk"),
        ("Əliyev", "Eliyev"),
        ("Guðrún Þórsdóttir", "Gudrun Thorsdottir"),
        ("O’Brien–Smith", "O'Brien-Smith"),
        ("Ａｌｉｃｅ", "Alice"),
        ("एलिस", ""),
        ("a\n\tb", "a b"),
        ("http://shop", "http:/shop"),
        ("-:/a", "a"),
    ],
)
def test_texts_are_reduced_to_what_banks_take(text: str, plain: str) -> None:
    assert latin(text, 70) == plain


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (Money(5, "JPY"), "5"),
        (Money(123_456, "KWD"), "123.456"),
        (Money(1, "INR"), "0.01"),
        (Money(10**17, "EUR"), "1000000000000000.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: Money, said: str) -> None:
    xml = build(order(transfer(INDIAN, amount), currency=amount.currency))
    assert found(xml, "InstdAmt") == [said]
    assert set(found(xml, "CtrlSum")) == {said}
    assert wrong(xml) == []


# --- the scheme ---------------------------------------------------------------------------------------


def test_euro_within_sepa_is_a_block_of_its_own() -> None:
    xml = build(
        order(transfer(INDIAN, reference="1"), transfer(GERMAN, reference="2"), transfer(ARABIAN, reference="3"))
    )
    assert wrong(xml) == []
    assert blocks(xml) == {"EP" + "0" * 28 + "-1": {"2"}, "EP" + "0" * 28 + "-2": {"1", "3"}}
    assert found(xml, "ChrgBr") == ["SLEV", "SHAR"]
    assert found(xml, "SvcLvl/Cd") == ["SEPA"]
    assert found(xml, "NbOfTxs") == ["3", "1", "2"]
    assert found(xml, "CtrlSum") == ["150.00", "50.00", "100.00"]


def test_another_currency_is_not_sepa() -> None:
    xml = build(order(transfer(GERMAN, Money(5000, "INR")), currency="INR"))
    assert (found(xml, "ChrgBr"), found(xml, "SvcLvl/Cd"), wrong(xml)) == (["SHAR"], [], [])


@pytest.mark.parametrize(
    ("to", "town", "country"),
    [
        (INDIAN, ["Jaipur"], ["IN"]),
        (KOREAN, [], ["KR"]),
        (GERMAN, [], []),
        (Party("Anna", "AT", "Wien", iban=IBANS[0]), ["Wien"], ["AT"]),
    ],
)
def test_an_address_is_structured(to: Party, town: list[str], country: list[str]) -> None:
    xml = build(order(transfer(to)))
    assert (found(xml, "TwnNm"), found(xml, "Cdtr/PstlAdr/Ctry"), found(xml, "AdrLine")) == (town, country, [])


# --- what cannot be -----------------------------------------------------------------------------------


def test_a_transfer_is_in_a_file_once() -> None:
    with pytest.raises(ValueError, match="each of its transfers once"):
        build(order(transfer(GERMAN), transfer(GERMAN)))
    with pytest.raises(ValueError, match="at least one"):
        build(order())


def test_a_file_has_one_currency() -> None:
    with pytest.raises(MoneyError, match="cannot be mixed"):
        build(order(transfer(GERMAN), transfer(INDIAN, Money(1, "INR"), "2")))


@pytest.mark.parametrize(
    ("wrongly", "why"),
    [
        ({"accounts": {"EUR": "DE75512108001245126198"}}, "is no IBAN. Correct BANK_ACCOUNTS"),
        ({"bic": "NONSENSE"}, "NONSENSE is no BIC. Correct BANK_BIC"),
        ({"debtor_name": "エントレポ"}, "Write BANK_DEBTOR_NAME in Latin letters"),
    ],
)
def test_a_wrong_setting_is_named_before_any_file_is_made(wrongly: dict[str, object], why: str) -> None:
    right = {"debtor_name": "Entrepôt", "accounts": {"EUR": "DE75 5121 0800 1245 1261 99"}, "bic": "SOLADEST600"}
    assert Bank(right).debtor("EUR").iban == "DE75512108001245126199"
    with pytest.raises(Refused, match=why):
        Bank(right | wrongly).debtor("EUR")


# --- the check itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>BANK</PmtMtd>"),
        ("<NbOfTxs>1</NbOfTxs>", "<NbOfTxs>2</NbOfTxs>"),
        ("<CtrlSum>50.00</CtrlSum>", "<CtrlSum>50.01</CtrlSum>"),
        ("<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SHAR</ChrgBr>"),
        ("Muller + Sohne", "M&#252;ller"),
        (">50.00</InstdAmt>", ">50.0</InstdAmt>"),
        ("DE89370400440532013000", "89370400440532013000"),
    ],
)
def test_the_check_sees_what_is_wrong(before: str, after: str) -> None:
    xml = build(order(transfer(GERMAN)))
    assert before in xml
    assert wrong(xml) == []
    assert wrong(xml.replace(before, after)) != []
