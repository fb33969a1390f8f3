"""No listing is live before somebody, or the operator's rule, lets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from fx.money import Money
from listings import services
from listings.errors import ListingError
from listings.models import ImportRule, Listing, Shop
from marketplace.lib.clock import shifted
from marketplace.models import Letter, User
from marketplace.roles import give_roles
from marketplace.second_factor import enrol
from tests.conftest import logged_in

Draft = Callable[..., Listing]
Status = Listing.Status


def edited(listing: Listing, **changes: Any) -> Listing:
    facts = {
        "title": listing.title,
        "description": listing.description,
        "price": listing.price,
        "hs_code": listing.hs_code,
        "origin": listing.origin,
        "weight_g": listing.weight_g,
        **changes,
    }
    return services.edit_listing(listing, by=listing.shop.owner, **facts)


def test_a_listing_goes_live_by_a_moderator_and_the_seller_is_told(draft: Draft, alice: User, moderator: User) -> None:
    scarf = services.submit_listing(draft(), by=alice)
    assert (scarf.status, Letter.objects.count()) == (Status.IN_REVIEW, 0)
    scarf = services.approve_listing(scarf, by=moderator)
    assert scarf.status == Status.LIVE
    letter = Letter.objects.get()
    assert letter.to == "alice@example.com"
    assert f"/l/{scarf.slug}/" in letter.body


def test_a_rejected_listing_is_a_draft_again_and_its_seller_reads_why(
    draft: Draft, alice: User, moderator: User
) -> None:
    scarf = services.submit_listing(draft(), by=alice)
    with pytest.raises(ListingError, match="Give a reason"):
        services.reject_listing(scarf, by=moderator, reason="  ")
    scarf = services.reject_listing(scarf, by=moderator, reason="The photo is of another scarf.")
    assert (scarf.status, scarf.review_note) == (Status.DRAFT, "The photo is of another scarf.")
    assert "The photo is of another scarf." in Letter.objects.get().body
    with shifted(minutes=5):
        again = services.submit_listing(scarf, by=alice)
        services.reject_listing(again, by=moderator, reason="Still.")
    assert Letter.objects.count() == 2


def test_nobody_reviews_their_own_listing(draft: Draft, alice: User) -> None:
    scarf = services.submit_listing(draft(), by=alice)
    alice.is_staff = True
    alice.save()
    with pytest.raises(ListingError, match="own listing"):
        services.approve_listing(scarf, by=alice)
    scarf.refresh_from_db()
    assert scarf.status == Status.IN_REVIEW


@pytest.mark.parametrize("missing", ["photo", "rates", "shop", "lawful"])
def test_what_is_not_ready_is_not_submitted(
    draft: Draft, shop: Shop, alice: User, moderator: User, missing: str
) -> None:
    scarf = draft(hs_code="930390" if missing == "lawful" else "621410")
    if missing == "photo":
        scarf.photos.all().delete()
    if missing == "rates":
        services.set_shipping_rates(shop, by=alice, rates=[])
    if missing == "shop":
        services.suspend_shop(shop, by=moderator)
    with pytest.raises(ListingError):
        services.submit_listing(scarf, by=alice)
    scarf.refresh_from_db()
    assert scarf.status == Status.DRAFT


def test_forbidden_goods_are_not_submitted_and_say_rule_source_and_what_can_be_done(draft: Draft, alice: User) -> None:
    arms = draft(hs_code="930390", title="Old rifle")
    with pytest.raises(ListingError) as refused:
        services.submit_listing(arms, by=alice)
    assert str(refused.value) == (
        "“Old rifle” may not be sent to IN: weapons and ammunition: not mailable. "
        "It cannot be sold here. If the HS code is wrong, the seller can correct it. "
        "(Rule: all countries, HS 93. Source: general knowledge, not looked up.)"
    )
    arms.refresh_from_db()
    assert (arms.status, arms.submitted_at) == (Status.DRAFT, None)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"title": "Another"}, Status.IN_REVIEW),
        ({"description": "Another"}, Status.IN_REVIEW),
        ({"price": Money(100000, "INR")}, Status.IN_REVIEW),
        ({"hs_code": "621420"}, Status.IN_REVIEW),
        ({"origin": "CN"}, Status.IN_REVIEW),
        ({"weight_g": 200}, Status.LIVE),
        ({"ships_to": ["DE"]}, Status.LIVE),
        ({}, Status.LIVE),
    ],
)
def test_what_a_moderator_looked_at_is_looked_at_again(live: Draft, changes: dict[str, Any], status: str) -> None:
    assert edited(live(), **changes).status == status


def test_stock_changes_need_no_review(live: Draft, alice: User) -> None:
    scarf = services.set_stock(live(), stock=50, by=alice)
    scarf.refresh_from_db()
    assert scarf.status == Status.LIVE


def test_the_operators_rule_lets_an_approved_shop_go_on(
    draft: Draft, alice: User, moderator: User, settings: Settings
) -> None:
    settings.AUTO_APPROVE = True
    first = services.submit_listing(draft(), by=alice)
    assert first.status == Status.IN_REVIEW, "nothing of the shop was approved by a person yet"
    services.approve_listing(first, by=moderator)
    assert services.submit_listing(draft(title="Second"), by=alice).status == Status.LIVE
    assert edited(first, title="Other").status == Status.LIVE


@pytest.mark.parametrize("status", Status.values)
def test_only_listed_moves_happen(draft: Draft, alice: User, moderator: User, status: str) -> None:
    moves: dict[str, Callable[[Listing], Listing]] = {
        "submit": lambda one: services.submit_listing(one, by=alice),
        "approve": lambda one: services.approve_listing(one, by=moderator),
        "reject": lambda one: services.reject_listing(one, by=moderator, reason="No."),
        "withdraw": lambda one: services.withdraw_listing(one, by=alice),
    }
    allowed = {
        Status.DRAFT: {"submit"},
        Status.IN_REVIEW: {"approve", "reject", "withdraw"},
        Status.LIVE: {"withdraw"},
        Status.WITHDRAWN: {"submit"},
    }
    for name, act in moves.items():
        scarf = draft()
        Listing.objects.filter(pk=scarf.pk).update(status=status)
        if name in allowed[Status(status)] or (name, status) == ("submit", "live"):
            continue
        with pytest.raises(ListingError, match="cannot become"):
            act(scarf)
        scarf.refresh_from_db()
        assert scarf.status == status


# --- the admin -------------------------------------------------------------------------------------


@pytest.fixture
def desk(moderator: User) -> Client:
    """A moderator who passed the second factor."""
    finance = User.objects.create_user("finance@example.com", "pw", is_staff=True)
    admin = User.objects.create_user("admin@example.com", "pw", is_staff=True)
    give_roles({"moderator@example.com": moderator, "finance@example.com": finance, "admin@example.com": admin})
    return passed(moderator)


def passed(user: User) -> Client:
    enrol(user)
    return logged_in(user)


QUEUE = "/admin/listings/listing/"


def test_a_moderator_approves_with_one_click(desk: Client, draft: Draft, alice: User) -> None:
    scarf = services.submit_listing(draft(), by=alice)
    page = desk.get(QUEUE + "?status__exact=in_review").content.decode()
    for part in ("Block-printed scarf", "621410 silk scarf", "Chaya Prints", f"{scarf.photos.get().key}-320.webp"):
        assert part in page, part
    assert desk.post(QUEUE, {"approve": str(scarf.pk)}).status_code == 302
    scarf.refresh_from_db()
    assert scarf.status == Status.LIVE


def test_a_moderator_rejects_with_a_reason_that_is_mailed(desk: Client, draft: Draft, alice: User) -> None:
    scarf = services.submit_listing(draft(title="Antique gun case"), by=alice)
    page = desk.get(f"{QUEUE}{scarf.pk}/change/").content.decode()
    assert "weapons and ammunition" in page
    assert desk.post(f"{QUEUE}{scarf.pk}/review/", {"decision": "reject", "reason": ""}).status_code == 302
    scarf.refresh_from_db()
    assert scarf.status == Status.IN_REVIEW
    desk.post(f"{QUEUE}{scarf.pk}/review/", {"decision": "reject", "reason": "Weapons are not sold here."})
    scarf.refresh_from_db()
    assert scarf.status == Status.DRAFT
    assert "Weapons are not sold here." in Letter.objects.get().body


def test_finance_does_not_review_and_a_seller_sees_no_admin(
    desk: Client, draft: Draft, alice: User, client: Client
) -> None:
    scarf = services.submit_listing(draft(), by=alice)
    finance = passed(User.objects.get(email="finance@example.com"))
    client.force_login(alice)
    for other in (finance, client, Client()):
        other.post(QUEUE, {"approve": str(scarf.pk)})
        other.post(f"{QUEUE}{scarf.pk}/review/", {"decision": "approve"})
        scarf.refresh_from_db()
        assert scarf.status == Status.IN_REVIEW


def test_a_shop_is_suspended_and_let_sell_again(desk: Client, shop: Shop) -> None:
    act = {"_selected_action": str(shop.pk)}
    desk.post("/admin/listings/shop/", {**act, "action": "suspend"})
    shop.refresh_from_db()
    assert shop.suspended_at is not None
    desk.post("/admin/listings/shop/", {**act, "action": "unsuspend"})
    shop.refresh_from_db()
    assert shop.suspended_at is None


def test_import_rules_warn_until_somebody_checked_them(desk: Client) -> None:
    admin = passed(User.objects.get(email="admin@example.com"))
    page = admin.get("/admin/listings/importrule/").content.decode()
    assert "import rules want a look" in page
    assert "never checked" in page
    rules = ImportRule.objects.all()
    admin.post(
        "/admin/listings/importrule/", {"action": "checked", "_selected_action": [str(rule.pk) for rule in rules]}
    )
    assert not rules.filter(checked_on=None).exists()
    assert "import rules want a look" not in admin.get("/admin/listings/importrule/").content.decode()
    with shifted(days=91):
        assert "not checked since" in admin.get("/admin/listings/importrule/?care=yes").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("effective_from", "2026-08-01", "in force at the same time"),
        ("low_value_duty", "free", "no duty that we can compute"),
        ("import_fee", "flat:x:per_parcel:Levy", "no fee that we can compute"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_sentence(desk: Client, field: str, value: str, sentence: str) -> None:
    admin = passed(User.objects.get(email="admin@example.com"))
    rule = {
        "country": "DE",
        "name": "Germany",
        "currency": "EUR",
        "effective_from": "2026-01-01",
        "effective_to": "2026-06-30" if field != "effective_from" else "",
        "source": "a broker",
        "confidence": "high",
        field: value,
    }
    before = ImportRule.objects.count()
    answer = admin.post("/admin/listings/importrule/add/", rule)
    assert sentence in answer.content.decode()
    assert ImportRule.objects.count() == before


def test_stock_moves_are_only_looked_at(desk: Client, draft: Draft) -> None:
    move = draft().stock_moves.get()
    admin = passed(User.objects.get(email="admin@example.com"))
    assert admin.get("/admin/listings/stockmove/").status_code == 200
    assert admin.post(f"/admin/listings/stockmove/{move.pk}/change/", {"delta": "99"}).status_code == 403
    assert admin.get("/admin/listings/stockmove/add/").status_code == 403
