"""Closing an account: with open orders, a balance or a debt it stays open; then the person goes and the books stay."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.test import Client

from fx.money import Money
from listings.models import Listing, ShopNumber
from marketplace.lib.clock import now, shifted
from marketplace.models import Acceptance, Letter, User
from orders import leaving, services, work
from orders.errors import OrderRefused
from orders.invoices.opening import open_invoices
from orders.leaving import close_account, obstacles
from orders.models import Checkout, Order, PackedParcel
from orders.returns import life as returns
from payments.ledger import codes
from payments.ledger.balances import balance
from payments.ledger.posting import post
from tests.conftest import PASSWORD
from tests.doubles import StripeDouble
from tests.orders.world import World, broken, delivered_order, paid_order

pytestmark = pytest.mark.django_db


def fresh(user: User) -> Client:
    """A browser in which the password was given just now."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def end(world: World, double: StripeDouble) -> None:
    """One order, completed and paid out of the books by hand."""
    order = services.confirm(delivered_order(world, double).number, by=world.bob)
    payable = codes.seller(world.alice.pk, "INR")
    post("out", "test", "", [(payable, order.net.amount), (codes.expense("loss", "INR"), -order.net.amount)])


def test_who_has_nothing_open_leaves_at_once(world: World) -> None:
    bob = world.bob
    answer = fresh(bob).post("/account/close/", follow=True)
    assert "Your account is closed" in answer.content.decode()
    bob.refresh_from_db()
    assert (bob.email, bob.name, bob.is_active) == (f"closed-{bob.pk}@invalid", "", False)
    assert not Client().login(email="bob@example.com", password=PASSWORD)
    assert Letter.objects.get(key=f"account_closed:{bob.pk}").to == "bob@example.com"
    assert str(settings.BOOKS_KEPT_YEARS) in Letter.objects.get(key=f"account_closed:{bob.pk}").body


def test_an_open_order_holds_both(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    page = fresh(world.bob).post("/account/close/").content.decode()
    assert "1 of your purchases are not finished." in page
    assert obstacles(world.alice) == ["1 of your sales are not finished."]
    with pytest.raises(OrderRefused, match="sales are not finished"):
        close_account(world.alice, by=world.alice)
    world.alice.refresh_from_db()
    assert (world.alice.is_active, world.alice.closed_at) == (True, None)
    assert Listing.objects.get(pk=world.scarf.pk).status == Listing.Status.LIVE


@pytest.mark.parametrize(
    ("code", "minor", "says"),
    [
        ("", -500, "5.00 INR is payable to you"),
        (":debt", 500, "You owe 5.00 INR"),
        (":reserve", -500, "5.00 INR is kept in reserve"),
        (":contested", -500, "asks for 5.00 INR of a sale"),
    ],
)
def test_a_balance_a_debt_or_a_reserve_comes_first(world: World, code: str, minor: int, says: str) -> None:
    account = codes.parse(f"seller:{world.alice.pk}:INR{code}")
    post("made", "test", "", [(account, minor), (codes.expense("loss", "INR"), -minor)])
    with pytest.raises(OrderRefused, match=says):
        close_account(world.alice, by=world.alice)
    assert balance(account) == Money(500, "INR")


def test_a_seller_leaves_and_the_shop_with_them(world: World, stripe_double: StripeDouble) -> None:
    end(world, stripe_double)
    with pytest.raises(OrderRefused, match="may still withdraw from 1 of your sales"):
        close_account(world.alice, by=world.alice)
    with shifted(days=16):
        with pytest.raises(OrderRefused, match="Your last invoice about our commission is not written yet"):
            close_account(world.alice, by=world.alice)
        open_invoices(world.alice.pk, now())
        close_account(world.alice, by=world.alice)
    assert Listing.objects.get(pk=world.scarf.pk).status == Listing.Status.WITHDRAWN
    assert Client().get(f"/l/{world.scarf.slug}/").status_code in {200, 404}
    checkout = Checkout.objects.get()
    assert (checkout.email, checkout.address["city"]) == ("bob@example.com", "Berlin")
    again = close_account(world.alice, by=world.alice)
    assert again.closed_at is not None
    assert broken() == []


def test_after_the_years_the_person_is_erased_and_the_sums_stay(world: World, stripe_double: StripeDouble) -> None:
    end(world, stripe_double)
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS - 1):
        assert leaving.due() == []
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS + 1):
        assert work.erase_old() == 1
        assert leaving.due() == []
    checkout = Checkout.objects.get()
    assert (checkout.email, checkout.address) == (f"erased-{checkout.pk}@invalid", {"country_code": "DE"})
    assert not Acceptance.objects.filter(ref=checkout.public_id, email="bob@example.com").exists()
    assert checkout.amount_minor > 0
    assert broken() == []


def test_a_seller_takes_phone_and_numbers_along(world: World, stripe_double: StripeDouble) -> None:
    end(world, stripe_double)
    shop, order = world.scarf.shop, Order.objects.get()
    ShopNumber.objects.create(shop=shop, kind=ShopNumber.Kind.EORI, country="DE", number="DE1234567890")
    parcel = PackedParcel.objects.create(
        order=order, number=1, phone="+91 141 000", eori="DE1234567890", comments="For Bob", by=world.alice
    )
    with shifted(days=16):
        open_invoices(world.alice.pk, now())
        close_account(world.alice, by=world.alice)
    parcel.refresh_from_db()
    assert (parcel.phone, parcel.eori, parcel.comments) == ("", "", "For Bob")
    assert not ShopNumber.objects.exists()
    with shifted(days=366 * settings.BOOKS_KEPT_YEARS):
        leaving.erase(order.checkout_id)
    parcel.refresh_from_db()
    assert parcel.comments == ""


def test_what_is_not_finished_is_not_erased(world: World, stripe_double: StripeDouble) -> None:
    paid_order(world, stripe_double)
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS + 1):
        assert leaving.due() == []


def test_staff_do_not_leave_that_way(moderator: User) -> None:
    with pytest.raises(OrderRefused, match="another member of staff"):
        close_account(moderator, by=moderator)


def test_a_return_and_old_letters_forget_the_person_too(world: World, stripe_double: StripeDouble) -> None:
    order = delivered_order(world, stripe_double)
    back = returns.ask(order.number, by=world.bob, items={order.lines.get().pk: 1}, reason="I am Bob of Berlin.")
    back = returns.authorize(back, by=world.alice, send_to="12 Johari Bazaar", payer="buyer")
    returns.send(back, by=world.bob, carrier="DHL", tracking_number="RR123456")
    back.refresh_from_db()
    returns.receive(back, by=world.alice, restocked=False)
    services.confirm(order.number, by=world.bob)
    Letter.objects.update(sent_at=now())
    with shifted(days=365 * settings.BOOKS_KEPT_YEARS + 1):
        work.erase_old()
    back.refresh_from_db()
    assert (back.reason, back.send_to, back.tracking_number, back.answer) == ("", "", "", "")
    assert Letter.objects.count() == 0
    assert broken() == []
