"""How a seller can be paid, said before they sell; and what an account looks like in each country."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pytest_django import Settings

from fx.money import Money
from fx.services import refresh_rates
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.models import PayoutMethod
from payments.payouts.corridors import CORRIDORS, has_iban
from payments.payouts.life import make_bank_file
from payments.payouts.reach import reach
from tests.conftest import ClientFor
from tests.orders.world import make_shop
from tests.payments.test_payouts import NS, approved, method

pytestmark = pytest.mark.django_db

# --- accounts of each country ---------------------------------------------------------------------
CBU = "2850590940090418135201"  # the example of python-stdnum, as is the account of New Zealand below
GOOD = {
    "AR": (CBU, "NACNARBA"),
    "AU": ("123456789", "062000"),
    "CA": ("1234567", "000305112"),
    "HK": ("123456789012", "004"),
    "ID": ("1234567890", "CENAIDJA"),
    "IN": ("123456789012", "SBIN0001234"),
    "JP": ("1234567", "0001123"),
    "KR": ("12345678901234", "KOEXKRSE"),
    "MX": ("032180000118359719", "032"),
    "NZ": ("0068389000", "010902"),
    "PH": ("1234567890", "BOPIPHMM"),
    "SG": ("12345678901", "7171001"),
    "TH": ("1234567890", "004"),
    "TW": ("123456789012", "0040037"),
    "US": ("000123456", "111000025"),
    "VN": ("0123456789012", "BFTVVNVX"),
    "ZA": ("12345678901", "632005"),
}
WRONG = [
    ("AR", CBU[:-1] + "2", "NACNARBA"),
    ("AR", CBU, "NACNBRBA"),
    ("HK", "12345678", "004"),
    ("HK", "123456789012", "4"),
    ("ID", "1234567890", "CENAIDJ"),
    ("JP", "123456", "0001123"),
    ("JP", "1234567", "001123"),
    ("KR", "123456789", "KOEXKRSE"),
    ("NZ", "0068389001", "010903"),
    ("PH", "1234567890", "BOPIUSMM"),
    ("SG", "12345678901", "7171"),
    ("TH", "123456789", "004"),
    ("TW", "123456789012", "004"),
    ("VN", "12345", "BFTVVNVX"),
    ("ZA", "12345678901", "63200"),
    ("JP", "１２３４５６７", "0001123"),
]


def test_every_corridor_has_an_example() -> None:
    assert set(GOOD) == set(CORRIDORS)


@pytest.mark.parametrize("country", sorted(GOOD))
def test_a_real_account_of_a_country_is_taken(alice: User, country: str) -> None:
    account, member = GOOD[country]
    saved = method(alice, country=country, account=account, clearing_code=member)
    assert (saved.account, saved.clearing_code) == (account, member)


@pytest.mark.parametrize(("country", "account", "member"), WRONG)
def test_another_one_is_refused_with_what_it_should_look_like(
    alice: User, country: str, account: str, member: str
) -> None:
    with pytest.raises(PayoutRefused) as refused:
        method(alice, country=country, account=account, clearing_code=member)
    assert str(refused.value) == CORRIDORS[country].hint
    assert PayoutMethod.objects.count() == 0


@pytest.mark.parametrize(
    ("country", "agent"),
    [
        ("JP", {"ClrSysMmbId/ClrSysId/Cd": "JPZGN", "ClrSysMmbId/MmbId": "0001123", "BICFI": None}),
        ("VN", {"BICFI": "BFTVVNVX", "ClrSysMmbId/MmbId": None}),
    ],
)
def test_the_file_names_the_bank_as_its_country_does(
    alice: User, finance: User, country: str, agent: dict[str, str | None]
) -> None:
    account, member = GOOD[country]
    payout = approved(alice, finance, Money(5000, "INR"), country=country, account=account, clearing_code=member)
    file = make_bank_file([payout], by=finance)
    [credit] = ElementTree.fromstring(file.xml.encode()).iterfind(".//p:CdtTrfTxInf", NS)
    for path, value in agent.items():
        full = "p:CdtrAgt/p:FinInstnId/" + "/".join(f"p:{part}" for part in path.split("/"))
        assert credit.findtext(full, None, NS) == value
    assert credit.findtext("p:CdtrAcct/p:Id/p:Othr/p:Id", None, NS) == account


def test_which_countries_have_ibans() -> None:
    assert [code for code in ("DE", "GB", "BR", "TR", "IN", "JP", "US", "XX", "", "d") if has_iban(code)] == [
        "DE",
        "GB",
        "BR",
        "TR",
    ]


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "currency", "ways", "words"),
    [
        ("IN", "INR", ("bank",), "We can pay you in INR by bank transfer; not by the card network."),
        ("DE", "EUR", ("bank",), "We can pay you in EUR by bank transfer; not by the card network."),
        ("JP", "JPY", (), "We cannot pay you in JPY yet. You could sell, but your money would have to wait."),
        ("CN", "EUR", (), "We cannot pay you in EUR yet. You could sell, but your money would have to wait."),
        ("KP", "EUR", (), "We cannot pay you in EUR yet. You could sell, but your money would have to wait."),
        ("DE", "BTC", (), "We cannot pay you in BTC yet. You could sell, but your money would have to wait."),
        ("", "", (), "We cannot pay you in  yet. You could sell, but your money would have to wait."),
    ],
)
def test_how_somebody_can_be_paid_by_bank_alone(
    settings: Settings, country: str, currency: str, ways: tuple[str, ...], words: str
) -> None:
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}
    found = reach(country, currency)
    assert (found.ways, found.words) == (ways, words)


def test_coins_are_a_way_where_the_operator_takes_them(settings: Settings) -> None:
    assert reach("CN", "EUR").words == (
        "We can pay you in EUR in Bitcoin and in USDC; not by bank transfer or by the card network."
    )
    assert reach("KP", "EUR").ways == ()


def test_without_an_account_in_the_currency_no_bank_transfer_is_promised(settings: Settings) -> None:
    bank = settings.PROCESSORS["bank"]
    settings.PROCESSORS = {"bank": bank | {"accounts": {"EUR": bank["accounts"]["EUR"]}}}
    assert reach("IN", "INR").ways == ()
    assert reach("IN", "EUR").account == CORRIDORS["IN"].hint


def test_whoever_opens_a_shop_lists_or_looks_at_the_desk_is_told(
    settings: Settings, alice: User, charlie: User, client_for: ClientFor
) -> None:
    settings.PROCESSORS = {"bank": settings.PROCESSORS["bank"]}
    refresh_rates()
    make_shop(alice, "Chaya Prints", "IN", "Jaipur", "INR", "690")
    told = "We can pay you in INR by bank transfer; not by the card network."
    for path in ("/sell/", "/sell/listings/new/"):
        assert told in client_for(alice).get(path).content.decode()
    page = client_for(charlie).get("/sell/shop/").content.decode()
    assert "We cannot pay you in USD yet" in page
    japan = {"name": "Kyoto", "city": "Kyoto", "country": "JP", "currency": "JPY", "handling_days": ""}
    answer = client_for(charlie).post("/sell/shop/", japan).content.decode()
    assert "We cannot pay you in JPY yet" in answer
