"""From payable to the seller's bank: who may, with what money, in which file."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from pytest_django import Settings

from fx.money import Money
from marketplace.models import User
from payments.errors import PayoutRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.ledger.posting import post
from payments.machine import apply
from payments.models import BankFile, Case, Fill, Payout, PayoutMethod, Settlement
from payments.payouts.corridors import is_clabe
from payments.payouts.life import (
    approve_payout,
    available,
    cancel_payout,
    make_bank_file,
    mark_failed,
    mark_paid,
    record_fill,
    record_settlement,
    request_payout,
)
from payments.payouts.methods import set_payout_method
from payments.processors.base import Outcome, Update
from tests.payments.test_ledger import in_threads

pytestmark = pytest.mark.django_db
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
IFSC = {"country": "IN", "account": "123456789012", "clearing_code": "SBIN0001234"}
GERMAN = {"country": "DE", "iban": "DE89370400440532013000"}
CLABE = "032180000118359719"


def method(seller: User, currency: str = "INR", **where: str) -> PayoutMethod:
    """Alice's account; everybody else has one of their own."""
    own = {} if seller.email.startswith("alice") else {"account": str(10**11 + seller.pk)}
    chosen = where or IFSC | own
    return set_payout_method(seller=seller, currency=currency, by=seller, holder="Alice Ärmel", **chosen)


def payable(seller: User, amount: Money) -> None:
    """As if held money had been released."""
    code = codes.seller(seller.pk, amount.currency)
    key = f"test:{seller.pk}:{amount}"
    post(key, "test", "", [(codes.fx(amount.currency), amount.amount), (code, -amount.amount)])


def fund(amount: Money) -> None:
    """As if the bank account had it from a fill."""
    bank, fx = codes.clearing("bank", amount.currency), codes.fx(amount.currency)
    post(f"fund:{amount}", "test", "", [(bank, amount.amount), (fx, -amount.amount)])


def approved(seller: User, by: User, amount: Money, **where: str) -> Payout:
    method(seller, amount.currency, **where)
    payable(seller, amount)
    fund(amount)
    payout = request_payout(seller=seller, currency=amount.currency, by=seller)
    return approve_payout(payout, by=by)


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "stored"),
    [
        ({"country": "de", "iban": "de89 3704 0044 0532 0130 00"}, ("DE89370400440532013000", "", "")),
        (IFSC, ("", "123456789012", "SBIN0001234")),
        ({"country": "MX", "account": CLABE}, ("", CLABE, "032")),
        ({"country": "US", "account": "000123456", "clearing_code": "111000025"}, ("", "000123456", "111000025")),
    ],
)
def test_a_real_account_is_stored_plain(alice: User, where: dict[str, str], stored: tuple[str, ...]) -> None:
    saved = method(alice, **where)
    assert (saved.iban, saved.account, saved.clearing_code) == stored


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"country": "DE", "iban": "DE89370400440532013001"}, "not a valid IBAN"),
        ({"country": "FR", "iban": "DE89370400440532013000"}, "The IBAN is of DE"),
        ({"country": "DE", "iban": "DE89370400440532013000", "account": "1"}, "not both"),
        ({"country": "DE", "account": "12345678", "clearing_code": "37040044"}, "Give an IBAN"),
        ({"country": "DE"}, "Give an IBAN"),
        ({"country": "IN", "account": "12345", "clearing_code": "SBIN0001234"}, "9 to 18 digits"),
        ({"country": "IN", "account": "123456789012", "clearing_code": "SBIN1001234"}, "IFSC like"),
        ({"country": "IN", "account": "١٢٣٤٥٦٧٨٩٠١٢", "clearing_code": "SBIN0001234"}, "9 to 18 digits"),
        ({"country": "MX", "account": CLABE[:-1] + "8"}, "CLABE of 18 digits"),
        ({"country": "MX", "account": CLABE, "clearing_code": "002"}, "CLABE of 18 digits"),
        ({"country": "US", "account": "123456", "clearing_code": "111000026"}, "routing number"),
        ({"country": "XX", "account": "1", "clearing_code": "1"}, "Give an IBAN"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_what_is_wrong(alice: User, where: dict[str, str], why: str) -> None:
    with pytest.raises(PayoutRefused, match=why):
        method(alice, **where)
    assert PayoutMethod.objects.count() == 0


def test_a_holder_no_bank_could_print_is_refused(alice: User) -> None:
    with pytest.raises(PayoutRefused, match="Latin letters"):
        set_payout_method(seller=alice, currency="EUR", by=alice, holder="एलिस", **GERMAN)


def test_nobody_else_says_where_the_money_goes(alice: User, charlie: User, admin: User) -> None:
    for other in (charlie, admin):
        with pytest.raises(PayoutRefused, match="Only sellers themselves"):
            set_payout_method(seller=alice, currency="EUR", by=other, holder="C", **GERMAN)
    assert PayoutMethod.objects.count() == 0


def test_a_new_account_is_the_default_and_requested_payouts_keep_theirs(alice: User) -> None:
    old = method(alice)
    payable(alice, Money(5000, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    new = method(alice, country="IN", account="999999999999", clearing_code="HDFC0000001")
    assert PayoutMethod.objects.get(is_default=True) == new
    payout.refresh_from_db()
    assert payout.method == old
    assert str(new) == "Alice Ärmel, …9999"


def test_the_check_digit_of_a_clabe() -> None:
    assert is_clabe(CLABE)
    assert [is_clabe(CLABE[:-1] + digit) for digit in "012345678"] == [False] * 9


# --- asking and approving -------------------------------------------------------------------------


def test_a_request_takes_all_that_is_payable_out_of_reach(alice: User) -> None:
    method(alice)
    payable(alice, Money(239100, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    assert (payout.amount, payout.state) == (Money(239100, "INR"), "requested")
    assert balance(codes.seller(alice.pk, "INR")) == Money(0, "INR")
    assert balance(codes.payouts("INR")) == Money(239100, "INR")
    with pytest.raises(PayoutRefused, match="Nothing is payable in INR"):
        request_payout(seller=alice, currency="INR", by=alice)
    assert Payout.objects.count() == 1


def test_a_debt_is_taken_off_first(alice: User) -> None:
    method(alice)
    payable(alice, Money(1000, "INR"))
    debt = codes.seller_debt(alice.pk, "INR")
    post("debt", "test", "", [(debt, 300), (codes.expense("loss", "INR"), -300)])
    assert request_payout(seller=alice, currency="INR", by=alice).amount == Money(700, "INR")
    assert balance(debt) == Money(0, "INR")


def test_a_request_needs_an_account_and_the_seller(alice: User, charlie: User) -> None:
    payable(alice, Money(1000, "INR"))
    with pytest.raises(PayoutRefused, match="Say first where your INR should go"):
        request_payout(seller=alice, currency="INR", by=alice)
    method(alice)
    with pytest.raises(PayoutRefused, match="Only sellers themselves"):
        request_payout(seller=alice, currency="INR", by=charlie)
    assert balance(codes.seller(alice.pk, "INR")) == Money(1000, "INR")


def test_a_payout_beyond_the_bank_account_is_refused_with_the_reason(alice: User, finance: User) -> None:
    method(alice)
    payable(alice, Money(1000, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    fund(Money(999, "INR"))
    with pytest.raises(PayoutRefused, match=r"Only 9.99 INR is in the bank account, the payout is 10.00 INR"):
        approve_payout(payout, by=finance)
    payout.refresh_from_db()
    assert (payout.state, available("INR")) == ("requested", Money(999, "INR"))
    fund(Money(1, "INR"))
    assert approve_payout(payout, by=finance).state == "approved"
    assert available("INR") == Money(0, "INR")


def test_the_same_money_is_not_promised_twice(alice: User, charlie: User, finance: User) -> None:
    approved(alice, finance, Money(1000, "INR"))
    method(charlie)
    payable(charlie, Money(1000, "INR"))
    second = request_payout(seller=charlie, currency="INR", by=charlie)
    with pytest.raises(PayoutRefused, match=r"Only 0.00 INR is in the bank account"):
        approve_payout(second, by=finance)


def test_nobody_approves_or_confirms_their_own_payout(alice: User, finance: User) -> None:
    method(alice)
    payable(alice, Money(1000, "INR"))
    fund(Money(1000, "INR"))
    payout = request_payout(seller=alice, currency="INR", by=alice)
    with pytest.raises(PayoutRefused, match="to themselves"):
        approve_payout(payout, by=alice)
    approve_payout(payout, by=finance)
    make_bank_file([payout], by=finance)
    with pytest.raises(PayoutRefused, match="to themselves"):
        mark_paid(payout, by=alice, bank_reference="X")


def test_without_our_own_account_in_the_currency_nothing_is_approved(
    alice: User, finance: User, settings: Settings
) -> None:
    method(alice, "KES", **GERMAN)
    payable(alice, Money(1000, "KES"))
    fund(Money(1000, "KES"))
    payout = request_payout(seller=alice, currency="KES", by=alice)
    with pytest.raises(PayoutRefused, match="Add KES:IBAN to BANK_ACCOUNTS"):
        approve_payout(payout, by=finance)


# --- the file -------------------------------------------------------------------------------------


def one(root: ElementTree.Element, path: str) -> str:
    found = root.findall(path.replace("/", "/p:").replace("p:.", "."), NS)
    assert len(found) == 1, path
    return found[0].text or ""


def test_the_file_says_what_the_bank_needs(alice: User, charlie: User, finance: User) -> None:
    first = approved(alice, finance, Money(239100, "INR"))
    second = approved(charlie, finance, Money(5, "INR"), **GERMAN)
    file = make_bank_file([first, second], by=finance)
    root = ElementTree.fromstring(file.xml)
    assert root.tag == "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}Document"
    for block in ("./CstmrCdtTrfInitn/GrpHdr", "./CstmrCdtTrfInitn/PmtInf"):
        assert one(root, f"{block}/NbOfTxs") == "2"
        assert one(root, f"{block}/CtrlSum") == "2391.05"
    payment = "./CstmrCdtTrfInitn/PmtInf"
    assert one(root, "./CstmrCdtTrfInitn/GrpHdr/MsgId") == file.message_id
    assert one(root, f"{payment}/PmtInfId") == f"{file.message_id}-1"
    assert one(root, f"{payment}/PmtMtd") == "TRF"
    assert one(root, f"{payment}/ChrgBr") == "SHAR"
    assert one(root, f"{payment}/Dbtr/Nm") == "Entrepot Demo"
    assert one(root, f"{payment}/DbtrAcct/Id/IBAN") == "DE75512108001245126199"
    assert one(root, f"{payment}/DbtrAcct/Ccy") == "INR"
    assert one(root, f"{payment}/DbtrAgt/FinInstnId/BICFI") == "SOLADEST600"
    credits = {
        credit.findtext("p:PmtId/p:EndToEndId", "", NS): credit
        for credit in root.findall("./p:CstmrCdtTrfInitn/p:PmtInf/p:CdtTrfTxInf", NS)
    }
    assert set(credits) == {first.pk.hex, second.pk.hex}
    indian, german = credits[first.pk.hex], credits[second.pk.hex]
    assert indian.findtext("p:Amt/p:InstdAmt", "", NS) == "2391.00"
    assert indian.find("p:Amt/p:InstdAmt", NS).get("Ccy") == "INR"  # type: ignore[union-attr]
    member = "p:CdtrAgt/p:FinInstnId/p:ClrSysMmbId"
    assert indian.findtext(f"{member}/p:ClrSysId/p:Cd", "", NS) == "INFSC"
    assert indian.findtext(f"{member}/p:MmbId", "", NS) == "SBIN0001234"
    assert indian.findtext("p:CdtrAcct/p:Id/p:Othr/p:Id", "", NS) == "123456789012"
    assert indian.findtext("p:Cdtr/p:Nm", "", NS) == "Alice Armel"
    assert indian.findtext("p:Cdtr/p:PstlAdr/p:Ctry", "", NS) == "IN"
    assert indian.findtext("p:Purp/p:Cd", "", NS) == "GDDS"
    assert german.findtext("p:CdtrAcct/p:Id/p:IBAN", "", NS) == "DE89370400440532013000"
    assert german.find("p:CdtrAgt", NS) is None


def test_the_fields_of_a_transfer_are_in_the_order_of_the_standard(alice: User, finance: User) -> None:
    file = make_bank_file([approved(alice, finance, Money(100, "INR"))], by=finance)
    root = ElementTree.fromstring(file.xml)

    def tags(path: str) -> list[str]:
        found = root.find(path, NS)
        assert found is not None
        return [child.tag.split("}")[1] for child in found]

    payment = "./p:CstmrCdtTrfInitn/p:PmtInf"
    assert tags("./p:CstmrCdtTrfInitn/p:GrpHdr") == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    assert tags(payment) == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct",
        "DbtrAgt", "ChrgBr", "CdtTrfTxInf",
    ]  # fmt: skip
    assert tags(f"{payment}/p:CdtTrfTxInf") == [
        "PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "Purp", "RmtInf",
    ]  # fmt: skip


def test_a_name_cannot_break_out_of_the_file(alice: User, finance: User) -> None:
    set_payout_method(seller=alice, currency="INR", by=alice, holder="</Nm><Nm>Mallory & Co", **IFSC)
    payable(alice, Money(100, "INR"))
    fund(Money(100, "INR"))
    payout = approve_payout(request_payout(seller=alice, currency="INR", by=alice), by=finance)
    root = ElementTree.fromstring(make_bank_file([payout], by=finance).xml)
    assert one(root, "./CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm") == "NmNmMallory + Co"


def test_a_file_takes_approved_payouts_in_one_currency_once(alice: User, charlie: User, finance: User) -> None:
    first = approved(alice, finance, Money(100, "INR"))
    second = approved(charlie, finance, Money(100, "EUR"), **GERMAN)
    with pytest.raises(PayoutRefused, match="one currency, not EUR, INR"):
        make_bank_file([first, second], by=finance)
    with pytest.raises(PayoutRefused, match="Choose approved payouts"):
        make_bank_file([], by=finance)
    assert make_bank_file([first, first], by=finance).xml.count("<CdtTrfTxInf>") == 1
    with pytest.raises(PayoutRefused, match="is Sent; it cannot become Sent"):
        make_bank_file([first], by=finance)
    assert BankFile.objects.count() == 1


# --- the end --------------------------------------------------------------------------------------


def test_paid_needs_other_eyes_than_the_approvers(alice: User, finance: User, admin: User) -> None:
    payout = approved(alice, finance, Money(239100, "INR"))
    with pytest.raises(PayoutRefused, match="is Approved; it cannot become Paid"):
        mark_paid(payout, by=admin, bank_reference="B1")
    make_bank_file([payout], by=finance)
    with pytest.raises(PayoutRefused, match="You approved this payout"):
        mark_paid(payout, by=finance, bank_reference="B1")
    with pytest.raises(PayoutRefused, match="Give the bank's reference"):
        mark_paid(payout, by=admin, bank_reference=" ")
    assert balance(codes.payouts("INR")) == Money(239100, "INR")
    paid = mark_paid(payout, by=admin, bank_reference="B1")
    assert (paid.state, paid.paid_by, paid.bank_reference) == ("paid", admin, "B1")
    assert balance(codes.payouts("INR")) == balance(codes.clearing("bank", "INR")) == Money(0, "INR")
    with pytest.raises(PayoutRefused, match="is Paid; it cannot become Paid"):
        mark_paid(payout, by=admin, bank_reference="B1")
    assert trial_balance() == {}


def test_what_the_bank_sends_back_is_payable_again(alice: User, finance: User, admin: User) -> None:
    payout = approved(alice, finance, Money(1000, "INR"))
    make_bank_file([payout], by=finance)
    with pytest.raises(PayoutRefused, match="what the bank said"):
        mark_failed(payout, by=admin, problem="")
    with pytest.raises(PayoutRefused, match="Somebody else has to say that it came back"):
        mark_failed(payout, by=finance, problem="account closed")
    mark_failed(payout, by=admin, problem="account closed")
    assert balance(codes.seller(alice.pk, "INR")) == Money(1000, "INR")
    assert available("INR") == Money(1000, "INR")
    again = request_payout(seller=alice, currency="INR", by=alice)
    assert (again.pk != payout.pk, again.amount) == (True, Money(1000, "INR"))


def test_a_payout_that_has_not_left_can_be_canceled(alice: User, charlie: User, finance: User) -> None:
    payout = approved(alice, finance, Money(1000, "INR"))
    with pytest.raises(PayoutRefused, match="somebody else's"):
        cancel_payout(payout, by=charlie)
    cancel_payout(payout, by=alice)
    assert balance(codes.seller(alice.pk, "INR")) == Money(1000, "INR")
    with pytest.raises(PayoutRefused, match="is Canceled"):
        make_bank_file([payout], by=finance)


# --- what funds it --------------------------------------------------------------------------------


def capture(amount: Money) -> None:
    legs = [(codes.clearing("stripe", amount.currency), amount.amount), (codes.fx(amount.currency), -amount.amount)]
    post(f"capture:{amount}", "test", "", legs)


def test_a_settlement_moves_what_the_processor_owes_into_the_bank(finance: User) -> None:
    capture(Money(2976, "EUR"))
    first = record_settlement(processor="stripe", reference="po_1", amount=Money(2000, "EUR"), by=finance)
    again = record_settlement(processor="stripe", reference="po_1", amount=Money(2000, "EUR"), by=finance)
    assert first == again
    assert available("EUR") == Money(2000, "EUR")
    assert balance(codes.clearing("stripe", "EUR")) == Money(976, "EUR")


@pytest.mark.parametrize(
    ("amount", "reference", "why"),
    [
        (Money(977, "EUR"), "po_2", r"owes 9.76 EUR by our books, not 9.77 EUR"),
        (Money(1, "USD"), "po_2", r"owes 0.00 USD"),
        (Money(0, "EUR"), "po_2", "not more than nothing"),
        (Money(-5, "EUR"), "po_2", "not more than nothing"),
        (Money(1999, "EUR"), "po_1", r"was recorded with 20.00 EUR"),
        (Money(1, "EUR"), " ", "Give the bank's reference"),
    ],
)
def test_a_settlement_that_cannot_be_is_refused(finance: User, amount: Money, reference: str, why: str) -> None:
    capture(Money(2976, "EUR"))
    record_settlement(processor="stripe", reference="po_1", amount=Money(2000, "EUR"), by=finance)
    with pytest.raises(PayoutRefused, match=why):
        record_settlement(processor="stripe", reference=reference, amount=amount, by=finance)
    assert (Settlement.objects.count(), available("EUR")) == (1, Money(2000, "EUR"))


def test_news_of_a_settlement_is_recorded_and_a_strange_one_waits_for_a_person() -> None:
    capture(Money(2976, "EUR"))
    for _ in range(2):
        assert apply(Update("settlement", "po_1", Outcome.SUCCEEDED, Money(2976, "EUR")), processor="stripe") is None
    apply(Update("settlement", "po_2", Outcome.SUCCEEDED, Money(1, "EUR")), processor="stripe")
    apply(Update("settlement", "po_1", Outcome.FAILED), processor="stripe")
    assert available("EUR") == Money(2976, "EUR")
    assert {(case.kind, case.ref) for case in Case.objects.all()} == {("amount", "po_2"), ("reversed", "po_1")}


def test_a_fill_moves_money_between_currencies(finance: User) -> None:
    capture(Money(2976, "EUR"))
    record_settlement(processor="stripe", reference="po_1", amount=Money(2976, "EUR"), by=finance)
    how: dict[str, Any] = {"reference": "fx-1", "bought": Money(250000, "INR"), "by": finance}
    fill = record_fill(sold=Money(2490, "EUR"), **how)
    assert record_fill(sold=Money(2490, "EUR"), **how) == fill
    with pytest.raises(PayoutRefused, match="recorded before"):
        record_fill(sold=Money(2491, "EUR"), **how)
    assert (available("EUR"), available("INR")) == (Money(486, "EUR"), Money(250000, "INR"))
    assert balance(codes.fx("EUR")) == Money(2976 - 2490, "EUR")
    assert balance(codes.fx("INR")) == Money(250000, "INR")
    assert trial_balance() == {}


@pytest.mark.parametrize(
    ("sold", "bought", "why"),
    [
        (Money(1001, "EUR"), Money(5, "INR"), r"Only 10.00 EUR is available to sell"),
        (Money(0, "EUR"), Money(5, "INR"), "not more than nothing"),
        (Money(5, "EUR"), Money(-5, "INR"), "not more than nothing"),
        (Money(5, "EUR"), Money(5, "EUR"), "needs two currencies"),
    ],
)
def test_a_fill_that_cannot_be_is_refused(finance: User, sold: Money, bought: Money, why: str) -> None:
    fund(Money(1000, "EUR"))
    with pytest.raises(PayoutRefused, match=why):
        record_fill(reference="fx-1", sold=sold, bought=bought, by=finance)
    assert (Fill.objects.count(), available("EUR")) == (0, Money(1000, "EUR"))


def test_money_that_is_promised_to_a_payout_is_not_sold(alice: User, finance: User) -> None:
    approved(alice, finance, Money(1000, "INR"))
    with pytest.raises(PayoutRefused, match=r"Only 0.00 INR is available to sell"):
        record_fill(reference="fx-1", sold=Money(1, "INR"), bought=Money(1, "EUR"), by=finance)


@pytest.mark.django_db(transaction=True)
def test_of_eight_requests_at_once_one_takes_the_money(alice: User) -> None:
    method(alice)
    payable(alice, Money(1000, "INR"))

    def ask(index: int) -> None:
        request_payout(seller=alice, currency="INR", by=alice)

    errors = in_threads(8, ask)
    assert [type(error) for error in errors] == [PayoutRefused] * 7
    assert Payout.objects.get().amount == balance(codes.payouts("INR")) == Money(1000, "INR")


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_gets_the_bank_account(alice: User, charlie: User, finance: User) -> None:
    fund(Money(1000, "INR"))
    asked = []
    for seller in (alice, charlie):
        method(seller)
        payable(seller, Money(1000, "INR"))
        asked.append(request_payout(seller=seller, currency="INR", by=seller))

    def approve(index: int) -> None:
        approve_payout(asked[index], by=finance)

    assert [type(error) for error in in_threads(2, approve)] == [PayoutRefused]
    assert sorted(Payout.objects.values_list("state", flat=True)) == ["approved", "requested"]


def test_a_banks_reference_is_of_one_payout(alice: User, charlie: User, finance: User, admin: User) -> None:
    first = approved(alice, finance, Money(1000, "INR"))
    second = approved(charlie, finance, Money(5, "INR"))
    make_bank_file([first, second], by=finance)
    mark_paid(first, by=admin, bank_reference="B1")
    with pytest.raises(PayoutRefused, match="B1 is another payout's reference"):
        mark_paid(second, by=admin, bank_reference="B1")
