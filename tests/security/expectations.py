"""Who gets what at every address: the table that test_access.py holds the site to.

A row is (GET, change): what each actor gets for reading, and for changing. `*` is everybody not named;
`in` stands for `anon,sam=login` (logged in only), `key` for `anon,sam=401` (the API's words for it).
`done`: allowed, and something was changed; nothing else may change a row. `2fa`: sent to the second factor.
A change is a POST, or what stands before the colon.
"""

from __future__ import annotations

from tests.security.actors import ACTORS

Row = tuple[str, str]
NOBODY = "*=405"
PUBLIC: Row = ("*=200", NOBODY)
OPEN_FORM: Row = ("*=200", "*=200")
GUESTS_ONLY: Row = ("*=302 anon,sam=200", "*=302 anon,sam=200")
# Only to staff with a second factor.
STAFF = "*=403 anon,sam=login bare=2fa"

TABLE: dict[str, Row] = {
    # --- pages that everybody reads -----------------------------------------------------------------
    "site:home": PUBLIC,
    "site:legal": PUBLIC,
    "site:legal_version": PUBLIC,
    "site:alive": PUBLIC,
    "site:ready": PUBLIC,
    "site:metrics": PUBLIC,  # this machine only: test_wire.py
    "fx:rates": PUBLIC,
    "orders:proof_heads": PUBLIC,
    "fx:rate": PUBLIC,
    "orders:corridors": PUBLIC,
    "listings:browse": PUBLIC,
    "listings:detail": PUBLIC,
    "listings:shop": PUBLIC,
    "listings:media": PUBLIC,
    "site:visitor": ("*=200", "*=done anon,sam=302"),
    "site:design": ("*=403 moderator,finance,admin,bare=200", NOBODY),
    # --- the account --------------------------------------------------------------------------------
    "site:account": ("in *=200", "in *=done"),
    "site:make_token": (NOBODY, "in *=302"),  # after the password once more
    "site:revoke_token": (NOBODY, "in *=done"),
    "account_login": GUESTS_ONLY,
    "account_signup": GUESTS_ONLY,
    "account_logout": ("*=200 anon,sam=302", "*=302"),
    "account_inactive": PUBLIC,
    "account_reauthenticate": ("in *=200", "in *=200"),
    "account_request_reauthentication_code": ("in *=200", "in *=200"),
    "account_confirm_reauthentication_code": ("in *=302", "in *=302"),
    "account_email": ("in *=200", "in *=302"),
    "account_email_verification_sent": PUBLIC,
    "account_change_password": ("in *=200", "in *=200"),
    "account_set_password": ("in *=302", "in *=302"),
    "account_reset_password": OPEN_FORM,
    "account_confirm_login_code": ("in *=302", "in *=302"),
    "account_confirm_email": ("*=200", "*=404"),
    "account_reset_password_from_key": OPEN_FORM,
    "account_reset_password_from_key_done": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "mfa_index": ("in *=200", "in *=405"),
    "mfa_authenticate": ("in *=302", "in *=302"),
    "mfa_reauthenticate": ("in *=302 moderator,finance,admin=200", "in *=302 moderator,finance,admin=200"),
    "mfa_activate_totp": ("in *=302", "in *=302"),
    "mfa_deactivate_totp": ("in *=404 moderator,finance,admin=302", "in *=404 moderator,finance,admin=302"),
    "mfa_view_recovery_codes": ("in *=404", "in *=405"),
    "mfa_generate_recovery_codes": ("in *=302", "in *=302"),
    "mfa_download_recovery_codes": ("in *=404", "in *=404"),
    # --- buying -------------------------------------------------------------------------------------
    "orders:cart": PUBLIC,
    "orders:cart_add": (NOBODY, "*=done"),
    "orders:cart_set": (NOBODY, "*=done"),
    "orders:checkout": ("*=302", "*=302"),  # the basket is empty
    "orders:review": ("*=302", NOBODY),
    "orders:requote": (NOBODY, "*=302"),
    "orders:place": (NOBODY, "*=302"),
    "orders:index": ("in *=200", NOBODY),
    "orders:detail": ("in *=404 bob=200", NOBODY),
    "orders:act": (NOBODY, "in *=404 bob=done"),
    "orders:proof": ("in *=404 bob,alice,moderator,finance,admin=200", NOBODY),
    "orders:proof_json": ("in *=404 bob,alice,moderator,finance,admin=200", NOBODY),
    "orders:leave": ("in *=302", "in *=302"),  # after the password once more
    "orders:after": ("in *=404 bob=200", "in *=404 bob=done"),
    "orders:guest_after": ("*=200", "*=done"),
    "orders:case": (NOBODY, "in *=404 bob=done"),
    "orders:guest_case": (NOBODY, "*=done"),
    "orders:sale_case": (NOBODY, "in *=404 alice=done"),
    "orders:picture": ("in *=404 bob=200", NOBODY),
    "orders:guest_picture": PUBLIC,
    "orders:sale_picture": ("in *=404 alice=200", NOBODY),
    "orders:receipt": ("in *=404 bob=200", NOBODY),
    "orders:receipt_paper": ("in *=404 bob=200", NOBODY),
    "orders:guest_receipt": PUBLIC,
    "orders:guest_receipt_paper": PUBLIC,
    "orders:sale_act": (NOBODY, "in *=404 alice=done"),
    # --- whoever has the 128-bit token: test_guests.py has the wrong ones -----------------------------
    "orders:pay": PUBLIC,
    "orders:pay_status": PUBLIC,
    "orders:pay_cancel": (NOBODY, "*=done"),
    "orders:refund_address": (NOBODY, "*=302"),
    "orders:guest": PUBLIC,
    "orders:guest_act": (NOBODY, "*=done"),
    "stripe:test_card": (NOBODY, "*=403"),  # the form's own token is missing
    "stripe:checkout": (NOBODY, "*=403"),
    "payments:send_test_coins": (NOBODY, "*=done"),  # play money, in the sandbox only
    "payments:hook": (NOBODY, "*=400"),  # not signed
    # --- selling ------------------------------------------------------------------------------------
    "listings:shop_edit": ("in *=200", "in *=done"),  # opens a shop, or edits one's own
    "listings:shop_rates": (NOBODY, "in *=404 alice,carmen=done"),
    "listings:hs": ("in *=200", NOBODY),
    "listings:mine": ("in *=302 alice,carmen=200", NOBODY),
    "listings:new": ("in *=302 alice,carmen=200", "in *=302 alice,carmen=done"),
    "listings:edit": ("in *=404 alice=200", "in *=404 alice=done"),
    "listings:add_photos": (NOBODY, "in *=404 alice=done"),
    "listings:photo": (NOBODY, "in *=404 alice=done"),
    "listings:stock": (NOBODY, "in *=404 alice=done"),
    "listings:submit": (NOBODY, "in *=404 alice=done"),
    "listings:withdraw": (NOBODY, "in *=404 alice=done"),
    "orders:desk": ("in *=302 alice,carmen=200", NOBODY),
    "orders:sales": ("in *=200", NOBODY),
    "orders:sale": ("in *=404 alice=200", NOBODY),
    "orders:ship": (NOBODY, "in *=404 alice=done"),
    "orders:answer": (NOBODY, "in *=404 alice=done"),
    "orders:give_back": ("in *=404 alice=200", "in *=404 alice=done"),
    "orders:money": ("in *=302 alice,carmen=200", NOBODY),
    "orders:movements": ("in *=302 alice,carmen=200", NOBODY),
    "orders:statement_csv": ("in *=302 alice,carmen=200", NOBODY),
    "orders:statement_pdf": ("in *=302 alice,carmen=200", NOBODY),
    "orders:invoices": ("in *=200", NOBODY),
    "orders:invoice_now": (NOBODY, "in *=302"),
    "orders:invoice_paper": ("in *=404 alice=200", NOBODY),
    "orders:tax_profile": ("in *=302 alice,carmen=200", "in *=302 alice,carmen=done"),
    "orders:payout_method": (NOBODY, "in *=302 alice,carmen=done"),
    "orders:open_payee": (NOBODY, "in *=302 alice,carmen=302"),  # neither's money is at Stripe
    "orders:payee_page": ("in *=404 alice=302", NOBODY),
    "orders:look_at_payee": (NOBODY, "in *=404 alice=302"),
    "orders:use_payout_method": (NOBODY, "in *=404 alice=done"),
    "orders:remove_payout_method": (NOBODY, "in *=404 alice=done"),
    "orders:discount": ("in *=302 alice,carmen=200", "in *=302 alice,carmen=done"),
    "orders:payout_plan": (NOBODY, "in *=302 alice,carmen=done"),
    "orders:request_payout": (NOBODY, "in *=302 alice=done"),
    "orders:payout": ("in *=404 alice=200", NOBODY),
    "orders:cancel_payout": (NOBODY, "in *=404 alice=done"),
    # --- API ----------------------------------------------------------------------------------------
    "api:start": PUBLIC,
    "api:schema": PUBLIC,
    "api:docs": PUBLIC,
    "api:rates": PUBLIC,
    "api:corridors": PUBLIC,
    "api:listings": PUBLIC,
    "api:listing": PUBLIC,
    "api:shop": PUBLIC,
    "api:nowhere": ("*=404", "*=404"),
    "api:account": ("key *=200", "key *=405"),
    "api:closing": ("key *=200", "key *=405"),
    "api:basket": ("*=200", "PUT: *=done"),
    "api:quotes": (NOBODY, "*=409"),  # the basket is empty
    "api:checkouts": (NOBODY, "*=409"),  # the quote is nobody's
    "api:checkout": PUBLIC,
    "api:cancel": (NOBODY, "*=done"),
    "api:refund_address": (NOBODY, "*=409"),  # nothing waits for one
    "api:guest_order": PUBLIC,
    "api:guest_confirm": (NOBODY, "*=done"),
    "api:guest_delivered": (NOBODY, "*=done"),
    "api:guest_dispute": (NOBODY, "*=done"),
    "api:guest_messages": ("*=200", "*=done"),
    "api:guest_answer_offer": (NOBODY, "*=done"),
    "api:guest_picture": PUBLIC,
    "api:guest_call_off": (NOBODY, "*=done"),
    "api:guest_address": (NOBODY, "*=done"),
    "api:guest_withdrawal": ("*=200", "*=done"),
    "api:guest_preview": (NOBODY, "*=200"),
    "api:guest_returns": (NOBODY, "*=done"),
    "api:guest_return_sent": (NOBODY, "*=done"),
    "api:guest_return_keep": (NOBODY, "*=done"),
    "api:guest_receipts": PUBLIC,
    "api:guest_receipt_paper": PUBLIC,
    "api:receipts": ("key *=404 bob=200", "key *=405"),
    "api:receipt_paper": ("key *=404 bob=200", "key *=405"),
    "api:orders": ("key *=200", "key *=405"),
    "api:order": ("key *=404 bob=200", "key *=405"),
    "api:confirm": ("key *=405", "key *=404 bob=done"),
    "api:delivered": ("key *=405", "key *=404 bob=done"),
    "api:dispute": ("key *=405", "key *=404 bob=done"),
    "api:messages": ("key *=404 bob=200", "key *=404 bob=done"),
    "api:answer_offer": ("key *=405", "key *=404 bob=done"),
    "api:picture": ("key *=404 bob=200", "key *=405"),
    "api:call_off": ("key *=405", "key *=404 bob=done"),
    "api:address": ("key *=405", "key *=404 bob=done"),
    "api:withdrawal": ("key *=404 bob=200", "key *=404 bob=done"),
    "api:preview": ("key *=405", "key *=404 bob=200"),
    "api:returns": ("key *=405", "key *=404 bob=done"),
    "api:return_sent": ("key *=405", "key *=404 bob=done"),
    "api:return_keep": ("key *=405", "key *=404 bob=done"),
    "api:sales": ("key *=200", "key *=405"),
    "api:sale": ("key *=404 alice=200", "key *=405"),
    "api:ship": ("key *=405", "key *=404 alice=done"),
    "api:sale_messages": ("key *=404 alice=200", "key *=404 alice=done"),
    "api:offer": ("key *=405", "key *=404 alice=done"),
    "api:sale_picture": ("key *=404 alice=200", "key *=405"),
    "api:answer": ("key *=405", "key *=404 alice=done"),
    "api:refund": ("key *=405", "key *=404 alice=done"),
    "api:sale_cancel": ("key *=405", "key *=404 alice=done"),
    "api:sale_came_back": ("key *=405", "key *=404 alice=done"),
    "api:sale_parcels": ("key *=405", "key *=404 alice=done"),
    "api:sale_address": ("key *=405", "key *=404 alice=done"),
    "api:sale_authorize": ("key *=405", "key *=404 alice=done"),
    "api:sale_refuse": ("key *=405", "key *=404 alice=done"),
    "api:sale_received": ("key *=405", "key *=404 alice=done"),
    "api:sale_contest": ("key *=405", "key *=404 alice=done"),
    "api:balance": ("key *=404 alice,carmen=200", "key *=405"),
    "api:movements": ("key *=404 alice,carmen=200", "key *=405"),
    "api:payouts": ("key *=200", "key *=409 alice=done"),
    "api:payout": ("key *=404 alice=200", "key *=405"),
    "api:cancel_payout": ("key *=405", "key *=404 alice=done"),
    "api:payout_reach": PUBLIC,
    "api:open_payee": ("key *=405", "key *=409"),  # Stripe pays nobody in India from here
    "api:payee": ("key *=405", "key *=404 alice=409"),  # it is an address for coins
    "api:payout_methods": ("key *=200", "key *=done"),
    "api:payout_method": ("key *=405", "DELETE: key *=404 alice=done"),
    "api:payout_plan": ("key *=404 alice=200", "PUT: key *=done"),
    "api:payout_method_default": ("key *=405", "key *=404 alice=done"),
    "api:discount": ("key *=404 alice,carmen=200", "PUT: key *=404 alice,carmen=done"),
    "api:own_listings": ("key *=200", "key *=404 alice=done carmen=409"),  # the price is in rupees
    "api:own_listing": ("key *=404 alice=200", "PUT: key *=404 alice=done"),
    "api:stock": ("key *=405", "PUT: key *=404 alice=done"),
    "api:submit": ("key *=405", "key *=404 alice=done"),
    "api:withdraw": ("key *=405", "key *=404 alice=done"),
    # --- admin: what is no table --------------------------------------------------------------------
    "admin:index": (f"{STAFF} moderator,finance,admin=200",) * 2,
    "admin:app_list": (f"{STAFF} moderator,finance,admin=200",) * 2,
    "admin:login": (f"{STAFF} moderator,finance,admin=302", f"{STAFF} moderator,finance,admin=200"),
    "admin:logout": (f"{STAFF} moderator,finance,admin=405", f"{STAFF} moderator,finance,admin=200"),
    "admin:password_change": (f"{STAFF} moderator,finance,admin=200",) * 2,
    "admin:password_change_done": (f"{STAFF} moderator,finance,admin=200", f"{STAFF} moderator,finance,admin=405"),
    "admin:autocomplete": (STAFF, f"{STAFF} moderator,finance,admin=405"),
    "admin:jsi18n": (f"{STAFF} moderator,finance,admin=200", f"{STAFF} moderator,finance,admin=405"),
    "admin:view_on_site": (f"{STAFF} moderator,finance,admin=404",) * 2,
    "admin/(?P<url>.*)$": (f"{STAFF} moderator,finance,admin=404",) * 2,
    "admin:listings_listing_review": (
        f"{STAFF} moderator,finance,admin=405",
        f"{STAFF} moderator,admin=done finance=302",
    ),
    "admin:listings_shop_reserve": (f"{STAFF} moderator,admin=200", f"{STAFF} moderator,admin=done"),
    "admin:orders_order_give_back": (
        f"{STAFF} moderator,finance,admin=200",
        f"{STAFF} moderator,finance,admin=done",
    ),
    "admin:orders_return_decide": (f"{STAFF} moderator,admin=200", f"{STAFF} moderator,admin=done"),
    "admin:payments_chargeback_answer": (
        f"{STAFF} moderator,finance,admin=200",
        f"{STAFF} finance,admin=done",
    ),
    "admin:payments_chargeback_paper": (f"{STAFF} moderator,finance,admin=200",) * 2,
    "admin:orders_dispute_picture": (f"{STAFF} moderator,admin=200",) * 2,
    "admin:orders_dispute_decide": (f"{STAFF} moderator,admin=200", f"{STAFF} moderator,admin=done"),
    "admin:payments_payout_end": (f"{STAFF} finance,admin=200", f"{STAFF} finance=302 admin=done"),  # four eyes
    "admin:payments_payout_decide": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_payout_sent": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_bankfile_download": (f"{STAFF} finance,admin=302",) * 2,  # payouts are frozen on the stage
    "admin:payments_bankline_explain": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_freeze_lift": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_refund_by_hand": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_coinsending_make": (f"{STAFF} finance,admin=200",) * 2,  # nothing is ready
    "admin:payments_coinsending_file": (f"{STAFF} finance,admin=200",) * 2,
    "admin:payments_coinsending_sent": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=302"),
    "admin:payments_coinsending_discard": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=302"),
    "admin:payments_refund_price": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=302"),
    "admin:payments_reconitem_close": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_operation_decide": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
    "admin:payments_journal_months": (f"{STAFF} finance,admin=200",) * 2,
    "admin:payments_journal_months_csv": (f"{STAFF} finance,admin=200",) * 2,
    "admin:payments_paper_pdf": (f"{STAFF} finance,admin=200",) * 2,
    "admin:payments_case_settle": (f"{STAFF} finance,admin=200", f"{STAFF} finance,admin=done"),
}

# Tables in the admin: who looks (GET of list, change and history), adds, edits, deletes. Nobody who is not named.
Rights = dict[str, str]
MONEY: Rights = {"look": "finance,admin"}
ADMIN_TABLES: dict[str, Rights] = {
    "auth_group": {"look": "admin", "add": "admin", "edit": "admin", "delete": "admin"},
    "marketplace_user": {"look": "moderator,admin", "edit": "admin"},
    "marketplace_letter": {"look": "moderator,admin"},
    "marketplace_legaltext": {"look": "admin", "add": "admin"},  # a published one is never edited
    "marketplace_acceptance": {"look": "admin"},
    "fx_rateset": MONEY,
    "fx_ratefetch": MONEY,
    "fx_dailyrate": {"look": "finance,admin"},
    "fx_quote": MONEY,
    "fx_conversion": {"look": "admin"},
    "fx_window": MONEY,
    "listings_listing": {"look": "moderator,admin"},
    "listings_shop": {"look": "moderator,admin"},
    "listings_importrule": {"look": "admin", "add": "admin", "edit": "admin", "delete": "admin"},
    "listings_hscode": {"look": "moderator,admin", "add": "admin", "edit": "admin", "delete": "admin"},
    "listings_stockmove": {"look": "admin"},
    "listings_reservation": {"look": "admin"},
    "payments_payout": MONEY,
    "payments_payoutmethod": MONEY,
    "payments_payoutplan": MONEY,
    "payments_screening": MONEY,
    "payments_freeze": MONEY | {"add": "finance,admin"},
    "payments_auditrun": MONEY | {"add": "finance,admin"},
    "payments_bankfile": MONEY,
    "payments_bankmessage": MONEY | {"add": "finance,admin"},
    "payments_bankstatement": MONEY,
    "payments_bankline": MONEY,
    "payments_settlement": MONEY | {"add": "finance,admin"},
    "payments_fill": MONEY | {"add": "finance,admin"},
    "payments_feerow": MONEY | {"add": "finance,admin"},
    "payments_account": MONEY,
    "payments_journal": MONEY,
    "payments_paper": MONEY,
    "payments_taxrate": MONEY | {"add": "finance,admin"},
    "payments_taxprofile": MONEY,
    "payments_invoice": MONEY,
    "payments_creditnote": MONEY,
    "payments_payment": MONEY,
    "payments_refund": MONEY,
    "payments_coinsending": MONEY,
    "payments_operation": MONEY,
    "payments_inboxevent": MONEY,
    "payments_case": MONEY,
    "payments_reconrun": MONEY,
    "payments_reconitem": MONEY,
    "payments_statementline": MONEY,
    "payments_chargeback": {"look": "moderator,finance,admin"},
    "orders_order": {"look": "moderator,finance,admin"},
    "orders_checkout": {"look": "admin"},
    "orders_return": {"look": "moderator,admin"},
    "orders_publishedcost": {"look": "admin"},
    "orders_dispute": {"look": "moderator,admin"},
}
# Actions of those tables, beside the deletion of what may be deleted.
ADMIN_ACTIONS: dict[str, str] = {
    "marketplace_user suspend": "admin",
    "marketplace_user restore": "admin",
    "fx_rateset approve": "finance,admin",
    "fx_rateset reject": "finance,admin",
    "fx_ratefetch ask_now": "finance,admin",
    "listings_shop suspend": "moderator,admin",
    "listings_shop unsuspend": "moderator,admin",
    "listings_importrule checked": "admin",
    "payments_payout approve": "finance,admin",
    "payments_payout make_file": "finance,admin",
    "payments_payout transfer": "finance,admin",
    "payments_payout cancel": "finance,admin",
    "payments_refund retry": "finance,admin",
}


def expected(spec: str) -> tuple[str, dict[str, str]]:
    """The method of the change, and each actor's verdict."""
    method, _colon, words = spec.rpartition(": ")
    words = words.replace("in ", "anon,sam=login ", 1) if words.startswith("in ") else words
    words = words.replace("key ", "anon,sam=401 ", 1) if words.startswith("key ") else words
    found: dict[str, str] = {}
    for names, what in (word.split("=") for word in words.split()):
        found |= dict.fromkeys(names.split(","), what)
    return method or "POST", {actor: found.get(actor, found.get("*", "")) for actor in ACTORS}
