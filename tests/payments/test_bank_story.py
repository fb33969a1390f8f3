"""Over HTTP: two payouts in one file, the bank rejects one, pays the other, and that one comes back."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.models import User
from payments.bankin.demo import Told, statement
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.models import BankLine, BankMessage, Case, Payout
from payments.payouts.life import request_payout
from tests.conftest import ClientFor
from tests.payments.test_admin import act, staff
from tests.payments.test_bankin import AT, IBAN, eur, report
from tests.payments.test_payouts import GERMAN, fund, method, payable

pytestmark = pytest.mark.django_db
UPLOAD = "/admin/payments/bankmessage/add/"
SPANISH = {"country": "ES", "iban": "ES9121000418450200051332"}


def upload(desk: Client, body: bytes | str) -> str:
    """What the page says afterwards."""
    content = body.encode() if isinstance(body, str) else body
    answer = desk.post(UPLOAD, {"file": SimpleUploadedFile("camt.xml", content)}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def payouts(alice: User, charlie: User) -> tuple[Payout, Payout]:
    """Alice's 50.00 and Charlie's 30.00, asked for."""
    fund(eur(8000))
    for seller, minor, where in ((alice, 5000, GERMAN), (charlie, 3000, SPANISH)):
        method(seller, "EUR", **where)
        payable(seller, eur(minor))
    hers = request_payout(seller=alice, currency="EUR", by=alice)
    return hers, request_payout(seller=charlie, currency="EUR", by=charlie)


def test_the_banks_files_close_the_loop(
    payouts: tuple[Payout, Payout], alice: User, charlie: User, finance: User, admin: User, client_for: ClientFor
) -> None:
    hers, his = payouts
    desk, other = staff(finance, "finance", client_for), client_for(admin)
    for payout in payouts:
        act(desk, "payout", "approve", payout.pk)
    data = {"action": "make_file", "_selected_action": [hers.pk, his.pk]}
    assert "Made a bank file" in desk.post("/admin/payments/payout/", data, follow=True).content.decode()
    file = Payout.objects.get(pk=hers.pk).file
    told = report(file, {hers.pk.hex: "ACSP", his.pk.hex: "RJCT AC06"}, count=2)

    assert "You approved this payout" in upload(desk, told)
    assert BankMessage.objects.count() == 0
    page = upload(other, told)
    assert "Used: every line is in the books." in page
    assert "The account is blocked. (AC06)" in page
    assert [Payout.objects.get(pk=one.pk).state for one in payouts] == ["sent", "failed"]
    assert balance(codes.seller(charlie.pk, "EUR")) == eur(3000)

    paid = statement(IBAN, eur(8000), [Told(eur(-5000), "B1", hers.pk.hex)], at=AT, number="1")
    assert "A payout left" in upload(other, paid)
    assert "It was used before." in upload(other, paid)
    assert Payout.objects.get(pk=hers.pk).state == "paid"

    lines = [Told(eur(5000), "B2", hers.pk.hex, why="AC04"), Told(eur(100), "B3", name="Somebody")]
    page = upload(other, statement(IBAN, eur(3000), lines, at=AT, number="2"))
    assert "A payout came back" in page
    assert "Nothing explains it" in page
    back = Payout.objects.get(pk=hers.pk)
    assert (back.state, back.problem) == ("failed", "The account is closed. (AC04)")
    assert balance(codes.seller(alice.pk, "EUR")) == eur(5000)
    assert balance(codes.clearing("bank", "EUR")) == eur(8100)

    line = BankLine.objects.get(meaning="unknown")
    page = f"/admin/payments/bankline/{line.pk}/explain/"
    wrong = other.post(page, {"meaning": "settlement", "reference": "nobody", "why": "So."}).content.decode()
    assert "Write one of these: stripe" in wrong
    done = other.post(page, {"meaning": "own", "why": "Interest, says the bank."}, follow=True).content.decode()
    assert "Noted" in done
    assert Case.objects.filter(closed_at=None).count() == 0
    assert balance(codes.suspense("bank", "EUR")) == eur(0)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"hello", "not whole XML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DTD or entities"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><a/></Document>', "What can be read"),
    ],
)
def test_what_is_no_file_of_the_bank_is_answered_with_a_sentence(
    admin: User, client_for: ClientFor, body: bytes, why: str
) -> None:
    assert why in upload(client_for(admin), body)
    assert BankMessage.objects.count() == 0


def test_nobody_but_finance_uploads(bob: User, moderator: User, client_for: ClientFor) -> None:
    for browser in (client_for(bob), staff(moderator, "moderator", client_for)):
        assert browser.get(UPLOAD).status_code == 403
    assert Client().post(UPLOAD).status_code in {302, 403}
    assert BankMessage.objects.count() == 0
