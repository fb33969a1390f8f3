"""What may be done with shops, listings, photos and stock: pages, API, admin and commands call only this."""

from __future__ import annotations

from listings.services.bounds import price_bounds
from listings.services.fixedprices import take_back_fixed_price
from listings.services.offers import (
    WEIGHT_MAX_G,
    approve_listing,
    create_listing,
    edit_listing,
    reject_listing,
    submit_listing,
    withdraw_listing,
)
from listings.services.pictures import add_photo, describe_photo, put_first, remove_photo
from listings.services.registrations import end_registration, register
from listings.services.restrictions import save_restriction
from listings.services.rules import load_file, mark_checked, remove_rule, save_rule
from listings.services.shopnumbers import mark_numbers_checked, remove_number, set_number
from listings.services.shops import (
    RateDraft,
    edit_shop,
    open_shop,
    set_reserve,
    set_shipping_rates,
    share_savings,
    suspend_shop,
    unsuspend_shop,
)
from listings.services.stock import STOCK_MAX, claim, put_back, reserve, restock, set_stock

__all__ = [
    "STOCK_MAX",
    "WEIGHT_MAX_G",
    "RateDraft",
    "add_photo",
    "approve_listing",
    "claim",
    "create_listing",
    "describe_photo",
    "edit_listing",
    "edit_shop",
    "end_registration",
    "load_file",
    "mark_checked",
    "mark_numbers_checked",
    "open_shop",
    "price_bounds",
    "put_back",
    "put_first",
    "register",
    "reject_listing",
    "remove_number",
    "remove_photo",
    "remove_rule",
    "reserve",
    "restock",
    "save_restriction",
    "save_rule",
    "set_number",
    "set_reserve",
    "set_shipping_rates",
    "share_savings",
    "set_stock",
    "submit_listing",
    "take_back_fixed_price",
    "suspend_shop",
    "unsuspend_shop",
    "withdraw_listing",
]
