"""Puts the demo's people, shops and goods into an empty database, through the services that sellers use."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import zip_longest

from allauth.account.models import EmailAddress
from django.db import transaction

from fx.money import Money
from listings.models import Listing, Shop
from listings.services import (
    RateDraft,
    add_photo,
    approve_listing,
    create_listing,
    open_shop,
    set_shipping_rates,
    submit_listing,
)
from marketplace import legal
from marketplace.models import LegalText, User
from marketplace.roles import give_roles
from marketplace.second_factor import enrol
from marketplace.seeding.catalogue import GOODS, SHOPS, GoodsSeed, ShopSeed
from marketplace.seeding.drawing import draw_all, draw_one
from marketplace.seeding.pictures import VIEWS
from marketplace.seeding.registered import register_demo

PASSWORD = "entrepot-demo"  # noqa: S105  printed by the demo, refused outside it
PEOPLE = {
    "bob@example.com": ("Bob Becker", "DE", "EUR"),
    "charlie@example.com": ("Charlie Stone", "US", "USD"),
    "moderator@example.com": ("Mo Derator", "DE", "EUR"),
    "finance@example.com": ("Fina Nance", "DE", "EUR"),
    "admin@example.com": ("Ada Min", "DE", "EUR"),
}
STAFF = ("moderator@example.com", "finance@example.com", "admin@example.com")
Say = Callable[[str], None]


def plant(*, listings: int, random_seed: int, say: Say) -> None:
    """Everything the demo needs; what is there already stays as it is. Pictures: the first view of each."""
    people = plant_people()
    register_demo(by=people["admin@example.com"])
    for shop in SHOPS:
        plant_shop(shop)
    missing = [
        goods for goods in _wanted(listings, random_seed) if not Listing.objects.filter(title=goods.title).exists()
    ]
    moderator = people["moderator@example.com"]
    pictures = draw_all([(goods.craft, goods.seed, 0) for goods in missing])
    for done, (goods, picture) in enumerate(zip(missing, pictures, strict=True), 1):
        plant_listing(goods, picture, moderator)
        if done % 8 == 0 or done == len(missing):
            say(f"  {done} of {len(missing)} listings drawn and listed")


def _wanted(count: int, random_seed: int) -> list[GoodsSeed]:
    """The catalogue, and when more is asked for, variations of it with other pictures, prices and stock."""
    dice = random.Random(random_seed)  # noqa: S311  decides what is drawn, nothing secret
    wanted = _mixed(GOODS)[-count:] if count else []
    for number in range(len(GOODS), count):
        base = GOODS[number % len(GOODS)]
        price = Money.parse(base.price, _currency(base)).times(dice.randint(60, 160), 100)
        wanted.append(
            GoodsSeed(
                base.owner,
                base.craft,
                dice.randint(100, 10_000),
                f"{base.title}, no. {number}",
                base.text,
                str(price).split()[0],
                dice.randint(1, 30),
                base.hs,
                base.weight_g,
            )
        )
    return wanted


def _mixed(goods: Sequence[GoodsSeed]) -> list[GoodsSeed]:
    """Taken in turn from each shop and the first of the catalogue last: the newest come first on the home page."""
    of_shop = [[one for one in goods if one.owner == shop.owner] for shop in SHOPS]
    turns = [one for turn in zip_longest(*of_shop) for one in turn if one is not None]
    return turns[::-1]


def _currency(goods: GoodsSeed) -> str:
    return next(shop.currency for shop in SHOPS if shop.owner == goods.owner)


@transaction.atomic
def plant_people() -> dict[str, User]:
    people = {email: _person(email, *about) for email, about in PEOPLE.items()}
    give_roles(people)
    return people


def _person(email: str, name: str, country: str, currency: str) -> User:
    user = User.objects.filter(email=email).first()
    if user is not None:
        return user
    user = User.objects.create_user(
        email, PASSWORD, name=name, country=country, currency=currency, language="en", is_staff=email in STAFF
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for kind in (LegalText.Kind.TERMS, LegalText.Kind.PRIVACY):
        legal.accept(legal.current(kind), user=user, email=email, ref="signup")
    if email in STAFF:
        enrol(user)
    return user


@transaction.atomic
def plant_shop(seed: ShopSeed) -> Shop:
    owner = _person(seed.owner, seed.owner_name, seed.country, seed.currency)
    shop = Shop.objects.filter(owner=owner).first()
    if shop is not None:
        return shop
    shop = open_shop(
        by=owner, name=seed.name, country=seed.country, city=seed.city, currency=seed.currency, about=seed.about
    )
    first, further, tracked, soonest, latest = seed.post
    rate = RateDraft(
        name="Tracked post" if tracked else "Letter post",
        first=Money.parse(first, seed.currency),
        next=Money.parse(further, seed.currency),
        max_weight_g=5000,
        tracked=tracked,
        min_days=soonest,
        max_days=latest,
    )
    set_shipping_rates(shop, by=owner, rates=[rate])
    return shop


@transaction.atomic
def plant_listing(goods: GoodsSeed, picture: bytes, moderator: User) -> Listing:
    shop = Shop.objects.select_related("owner").get(owner__email=goods.owner)
    listing = create_listing(
        shop,
        by=shop.owner,
        title=goods.title,
        description=goods.text,
        price=Money.parse(goods.price, shop.currency),
        hs_code=goods.hs,
        origin=shop.country,
        weight_g=goods.weight_g,
        stock=goods.stock,
    )
    add_photo(listing, by=shop.owner, upload=BytesIO(picture), alt=goods.title)
    submit_listing(listing, by=shop.owner)
    return approve_listing(listing, by=moderator)


def more_pictures(*, say: Say) -> int:
    """The further views of the demo's listings: drawn after the site is up, for it takes a while."""
    moderator, drawn = User.objects.get(email="moderator@example.com"), 0
    for goods in GOODS:
        listing = Listing.objects.filter(title=goods.title).select_related("shop__owner").first()
        if listing is None:
            continue
        views = range(listing.photos.count(), VIEWS)
        pictures = [draw_one((goods.craft, goods.seed, view)) for view in views]
        _add_views(listing, pictures, moderator)
        drawn += len(pictures)
    say(f"  {drawn} further pictures drawn")
    return drawn


@transaction.atomic
def _add_views(listing: Listing, pictures: Sequence[bytes], moderator: User) -> None:
    """A new photo sends a live listing back to review: in one transaction, so that it never leaves the shelf."""
    was_live = Listing.objects.locked(listing.pk).status == Listing.Status.LIVE
    for picture in pictures:
        add_photo(listing, by=listing.shop.owner, upload=BytesIO(picture), alt=listing.title)
    if was_live and pictures:
        approve_listing(listing, by=moderator)
