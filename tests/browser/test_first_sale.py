"""The first sale as people play it: on the demo's pages, against its web, worker and beat, from sign-up to payout.

The tests tell one story in their order. Every step leaves a picture in `pictures/`.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from marketplace.run.places import make_folder
from marketplace.seeding.pictures import as_jpeg
from tests.browser.people import Person, letter
from tests.run.test_demo import Demo

pytestmark = pytest.mark.browser
BERLIN = {"name": "Bob Becker", "street_address": "Torstraße 1", "postal_code": "10119", "city": "Berlin"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A fresh demo with a few listings, and nodes of Bitcoin and of an EVM chain where this machine has them."""
    folder = make_folder(Path(tempfile.mkdtemp(prefix="entrepot-browser-")) / "data")
    running = Demo(folder).start(ENTREPOT_SEED_ARGS="--listings 6").ready()
    yield running
    running.process.terminate()
    running.process.wait(60)
    shutil.rmtree(folder.parent)


@pytest.fixture(scope="module")
def people(demo: Demo, browser: Browser, pictures: Path) -> Iterator[dict[str, Person]]:
    base = f"http://127.0.0.1:{demo.port}"
    names = ("seller", "buyer", "moderator", "finance", "admin", "carmen")
    everyone = {name: Person(browser, name, base, pictures) for name in names}
    everyone["phone"] = Person(browser, "phone", base, pictures, phone=True)
    yield everyone
    assert {name: person.errors for name, person in everyone.items() if person.errors} == {}


def code(demo: Demo, address: str) -> str:
    answer = demo.manage("demo_code", address)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_a_seller_signs_up_opens_a_shop_and_lists_a_scarf(demo: Demo, people: dict[str, Person]) -> None:
    seller = people["seller"]
    seller.open("/account/signup/")
    seller.fill(name="Chhaya Verma", email="chhaya@example.com", password1="a weaver in Jaipur")
    seller.choose("country", "IN")
    seller.page.check("[name=terms]")
    seller.shot("signs-up")
    seller.click("Create the account")
    text = letter(demo.folder / "mail", "chhaya@example.com", "onfirm")
    link = re.search(r"https?://\S+confirm-email\S+", text)
    assert link
    seller.page.goto(link[0])
    seller.shot("confirms-the-address")
    seller.page.locator("main form button").first.click()
    seller.page.wait_for_load_state()
    if "login" in seller.page.url:
        seller.fill(login="chhaya@example.com", password="a weaver in Jaipur")
        seller.click("Log in")
    seller.open("/sell/shop/")
    seller.fill(name="Verma Handlooms", city="Jaipur", about="Two looms and a courtyard.", handling_days="2")
    seller.choose("country", "IN")
    seller.choose("currency", "INR")
    seller.page.check("[name=agreement]")
    seller.shot("opens-a-shop")
    seller.click("Open the shop")
    rates = "main [name=rates-0-{}]"
    for name, value in {"name": "Speed Post", "first": "690", "next": "180", "min_days": "6", "max_days": "12"}.items():
        seller.page.fill(rates.format(name), value)
    seller.shot("sets-rates")
    seller.click("Save the rates")
    seller.open("/sell/listings/new/")
    seller.fill(
        title="Red madder scarf",
        description="Handwoven cotton, dyed with madder root.",
        price="1900",
        stock="3",
        hs_code="621490",
        weight_g="140",
    )
    seller.choose("origin", "IN")
    photo = demo.folder / "scarf.jpg"
    photo.write_bytes(as_jpeg("block-print-scarf", seed=20, view=0))
    seller.page.set_input_files("[name=photos]", photo)
    seller.shot("lists-a-scarf")
    seller.page.locator("main form button.go").first.click()
    seller.page.wait_for_load_state()
    seller.shot("waits-for-review")
    seller.sees("A moderator will look at it")


def test_a_moderator_approves_it(demo: Demo, people: dict[str, Person]) -> None:
    moderator = people["moderator"]
    moderator.log_in("moderator@example.com", lambda: code(demo, "moderator@example.com"))
    moderator.open("/admin/listings/listing/?status__exact=in_review")
    moderator.sees("Red madder scarf")
    moderator.shot("review-queue")
    moderator.page.get_by_role("button", name="Approve").first.click()
    moderator.page.wait_for_load_state()
    moderator.shot("approved")
    letter(demo.folder / "mail", "chhaya@example.com", "is live")


def buy(buyer: Person, words: list[str], rail: str) -> str:
    """From search to the payment page; the page's address."""
    for word in words:
        buyer.open(f"/browse/?q={word}")
        buyer.shot(f"searches-{word.split()[0].lower()}")
        buyer.page.locator("a.card").first.click()
        buyer.shot("looks-at-it")
        buyer.click("Put into the basket")
    buyer.sees("To pay now")
    buyer.shot("basket")
    buyer.click("Go to checkout")
    buyer.fill(**BERLIN)
    buyer.shot("address")
    buyer.click("See the whole price")
    buyer.page.check(f"input[name=rail][value={rail}]")
    buyer.shot(f"chooses-{rail}")
    buyer.page.check("[name=accept]")
    buyer.click("Order and pay")
    buyer.shot(f"pays-by-{rail}")
    return buyer.page.url


def test_a_buyer_in_berlin_pays_by_card(people: dict[str, Person], demo: Demo) -> None:
    buyer = people["buyer"]
    buyer.log_in("bob@example.com")
    buy(buyer, ["red madder"], "stripe")
    buyer.page.locator("main form button.go").first.click()
    buyer.wait_for("Paid. Thank you")
    buyer.shot("has-paid")
    letter(demo.folder / "mail", "chhaya@example.com", "waits to be shipped")


def test_the_seller_ships_and_the_buyer_confirms(people: dict[str, Person], demo: Demo) -> None:
    seller, buyer = people["seller"], people["buyer"]
    seller.open("/sell/")
    seller.shot("desk")
    seller.page.locator("a.desk-row").first.click()
    seller.shot("sale")
    seller.fill(carrier="India Post", tracking_number="EE123456785IN")
    seller.click("It is with the carrier")
    seller.sees("Marked as shipped")
    seller.shot("shipped")
    letter(demo.folder / "mail", "bob@example.com", "on its way")
    buyer.open("/orders/")
    buyer.shot("orders")
    buyer.page.locator("main table a").first.click()
    buyer.shot("order-on-its-way")
    buyer.click("It is here and all is well")
    buyer.sees("Completed")
    buyer.shot("order-complete")


def test_the_buyer_takes_a_second_thing_and_pays_in_bitcoin(people: dict[str, Person]) -> None:
    phone = people["phone"]
    phone.log_in("bob@example.com")
    buy(phone, ["sea blue"], "bitcoin")
    phone.click("Send test coins")
    phone.shot("coins-sent")
    phone.wait_for("Paid. Thank you", 150)
    phone.shot("coins-confirmed")


def test_the_buyer_takes_a_third_thing_and_pays_in_usdc(people: dict[str, Person]) -> None:
    phone = people["phone"]
    buy(phone, ["sea blue"], "erc20")
    phone.sees("Send only USDC")
    phone.shot("usdc-to-send")
    phone.click("Send test coins")
    phone.wait_for("Paid. Thank you", 150)
    phone.shot("usdc-final")


def test_one_basket_from_two_shops_is_paid_once_in_euro(people: dict[str, Person]) -> None:
    buyer = people["buyer"]
    buy(buyer, ["red madder", "sea blue"], "stripe")
    buyer.page.locator("main form button.go").first.click()
    buyer.wait_for("Paid. Thank you")
    assert buyer.page.locator("main .ticks li").count() == 2
    buyer.shot("paid-two-shops-at-once")


def test_the_rupees_are_paid_out(people: dict[str, Person], demo: Demo) -> None:
    seller, finance, admin = people["seller"], people["finance"], people["admin"]
    seller.open("/sell/money/")
    seller.fill(holder="Chhaya Verma", country="IN", account="00112233445566", clearing_code="HDFC0000001")
    seller.page.locator("main details form button, main aside form button").first.click()
    seller.shot("money")
    seller.click("Pay out")
    seller.sees("is requested")
    seller.shot("payout-requested")
    finance.log_in("finance@example.com", lambda: code(demo, "finance@example.com"))
    admin.log_in("admin@example.com", lambda: code(demo, "admin@example.com"))
    pay_out(finance, admin)
    seller.open("/sell/money/")
    seller.sees("Paid out so far")
    seller.shot("paid-out")
    assert re.search(r"Paid out so far\s*₹2,4\d\d\.\d\d", seller.page.locator("main").inner_text())


def pay_out(finance: Person, admin: Person) -> None:
    """Finance records the settlement and the exchange that fund it, approves, makes the file; admin confirms."""
    finance.open("/admin/payments/settlement/add/")
    finance.page.select_option("[name=processor]", "stripe")
    finance.fill(reference="po_20261122", amount_0="60.00")
    finance.page.select_option("[name=amount_1]", "EUR")
    finance.shot("records-a-settlement")
    finance.page.locator("#content form [type=submit]").first.click()
    finance.open("/admin/payments/fill/add/")
    finance.fill(reference="FX-1", sold_0="30.00", bought_0="3150.00")
    finance.page.select_option("[name=sold_1]", "EUR")
    finance.page.select_option("[name=bought_1]", "INR")
    finance.shot("records-an-exchange")
    finance.page.locator("#content form [type=submit]").first.click()
    for action in ("approve", "make_file"):
        finance.open("/admin/payments/payout/")
        finance.page.check("[name=_selected_action]")
        finance.page.select_option("[name=action]", action)
        finance.shot(f"payouts-{action}")
        finance.page.locator("[name=index]").first.click()
        finance.page.wait_for_load_state()
    finance.sees("Sent")
    finance.open("/admin/payments/bankfile/")
    with finance.page.expect_download() as download:
        finance.page.get_by_role("link", name=".xml").first.click()
    assert "00112233445566" in download.value.path().read_text()
    finance.shot("bank-file")
    admin.open("/admin/payments/payout/")
    admin.page.get_by_role("link", name="Confirm").click()
    admin.page.check("[name=outcome][value=paid]")
    admin.fill(text="HDFC20261122-1")
    admin.shot("confirms-the-payout")
    admin.page.locator("#content form [type=submit]").first.click()
    admin.sees("Paid")
    admin.shot("payout-paid")


def test_the_audit_finds_nothing(demo: Demo) -> None:
    answer = demo.manage("audit", "--json")
    found = json.loads(answer.stdout)
    assert [check for check in found["checks"] if check["count"]] == []
    assert answer.returncode == 0
