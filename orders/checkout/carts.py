"""The basket: lines of listings from any shop, in any currency."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from listings.models import Listing
from marketplace.models import User
from orders.errors import OrderRefused
from orders.models import Cart, CartLine, Checkout, OrderLine

MAX_QUANTITY = 99
MAX_LINES = 50


def lines_of(owner: str) -> list[CartLine]:
    """The owner's lines with listing, shop and photos, oldest first."""
    lines = CartLine.objects.filter(cart__owner=owner).select_related("listing__shop__owner")
    return list(lines.prefetch_related("listing__photos", "listing__fixed_prices"))


def locked_lines_of(owner: str) -> list[CartLine]:
    """The same, and nobody else changes or orders this basket until the transaction ends."""
    Cart.objects.select_for_update().filter(owner=owner).first()
    return lines_of(owner)


def count(owner: str) -> int:
    """How many things are in the basket."""
    return sum(CartLine.objects.filter(cart__owner=owner).values_list("quantity", flat=True))


@transaction.atomic
def put(*, owner: str, listing_id: int, quantity: int, add: bool = False) -> CartLine | None:
    """Set the listing's quantity, or add to it; zero removes the line. Refuses what is not on sale."""
    cart, _created = Cart.objects.select_for_update().get_or_create(owner=owner)
    line = cart.lines.filter(listing_id=listing_id).first()
    if quantity == 0 and not add:
        if line is not None:
            line.delete()
        return None
    wanted = quantity + (line.quantity if line is not None and add else 0)
    _check(wanted, listing_id, new=line is None, lines=cart.lines.count())
    if line is None:
        return cart.lines.create(listing_id=listing_id, quantity=wanted)
    line.quantity = wanted
    line.save(update_fields=["quantity"])
    return line


def _check(wanted: int, listing_id: int, *, new: bool, lines: int) -> None:
    if not 1 <= wanted <= MAX_QUANTITY:
        raise OrderRefused(_("%(n)s is not a quantity. Choose 1 to %(max)s.") % {"n": wanted, "max": MAX_QUANTITY})
    if new and lines >= MAX_LINES:
        raise OrderRefused(_("Your basket is full. Remove something or pay for what is in it."))
    listing = Listing.objects.on_sale().filter(pk=listing_id).first()
    if listing is None:
        raise OrderRefused(_("This is not for sale any more. Please look for another one."))
    if listing.stock < wanted:
        raise OrderRefused(
            _("Only %(n)s of “%(title)s” left. Choose fewer.") % {"n": listing.stock, "title": listing.title}
        )


@transaction.atomic
def put_back(checkout: Checkout) -> None:
    """What a checkout that was given up had is in its owner's basket again, unless another one was begun."""
    cart, _created = Cart.objects.select_for_update().get_or_create(owner=checkout.owner)
    if cart.lines.exists():
        return
    for line in OrderLine.objects.filter(order__checkout=checkout).order_by("pk"):
        cart.lines.create(listing_id=line.listing_id, quantity=line.quantity)


@transaction.atomic
def merge(*, visitor: str, user: User) -> None:
    """Move a guest's basket to the account that logged in; quantities of the same listing do not add up twice."""
    guest = Cart.objects.select_for_update().filter(owner=visitor).first()
    if guest is None:
        return
    mine, _created = Cart.objects.select_for_update().get_or_create(owner=f"user:{user.pk}")
    have = set(mine.lines.values_list("listing_id", flat=True))
    guest.lines.exclude(listing_id__in=have).update(cart=mine)
    guest.delete()
