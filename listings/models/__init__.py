"""What is for sale and what the border asks. One module per subject; `listings.models` is their face."""

from __future__ import annotations

from listings.models.border import HSCode, ImportRule, RuleChange
from listings.models.listing import FixedPrice, Listing, Photo
from listings.models.registration import Registration
from listings.models.restriction import RestrictedGoods, RestrictionChange
from listings.models.shop import ShippingRate, Shop
from listings.models.shopnumber import ShopNumber
from listings.models.stock import Reservation, StockMove

__all__ = [
    "FixedPrice",
    "HSCode",
    "ImportRule",
    "Listing",
    "Photo",
    "Registration",
    "Reservation",
    "RestrictedGoods",
    "RestrictionChange",
    "RuleChange",
    "ShippingRate",
    "Shop",
    "ShopNumber",
    "StockMove",
]
