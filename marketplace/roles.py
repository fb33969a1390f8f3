"""The staff's roles as groups: what a moderator and finance may see and do in the admin."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission

from marketplace.models import User

# app.action_model codes; the admin's services check again who may do what.
ROLES: dict[str, tuple[str, ...]] = {
    "moderator": (
        "listings.view_listing", "listings.change_listing", "listings.view_shop", "listings.change_shop",
        "listings.view_photo", "listings.view_hscode", "listings.view_importrule", "listings.view_rulechange",
        "listings.view_restrictedgoods", "listings.view_restrictionchange",
        "marketplace.view_user", "marketplace.view_letter",
        "orders.view_order", "orders.change_order", "orders.change_dispute", "orders.view_dispute",
        "orders.view_return", "orders.change_return", "payments.view_chargeback",
    ),
    "finance": (
        "payments.view_payment", "payments.view_refund", "payments.change_refund", "payments.view_coinsending",
        "payments.view_payout", "payments.change_payout",
        "payments.view_paper", "payments.view_freeze", "payments.add_freeze", "payments.change_freeze",
        "payments.view_taxrate", "payments.add_taxrate", "payments.view_taxprofile",
        "payments.view_invoice", "payments.view_creditnote",
        "payments.view_drawing", "payments.add_drawing", "payments.change_drawing",
        "payments.view_auditrun", "payments.add_auditrun",
        "payments.view_chargeback", "payments.change_chargeback",
        "payments.view_payoutplan", "payments.view_screening", "payments.view_feerow", "payments.add_feerow",
        "payments.view_payoutmethod", "payments.view_bankfile", "payments.view_settlement", "payments.add_settlement",
        "payments.view_fill", "payments.add_fill", "payments.view_bankmessage", "payments.add_bankmessage",
        "payments.view_bankstatement", "payments.view_bankline", "payments.change_bankline",
        "payments.view_account", "payments.view_journal",
        "payments.view_operation", "payments.change_operation", "payments.view_inboxevent",
        "payments.view_case", "payments.change_case",
        "payments.view_reconrun", "payments.view_reconitem", "payments.change_reconitem", "payments.view_statementline",
        "orders.view_order", "orders.change_order", "orders.view_sdrvalue", "orders.add_sdrvalue",
        "fx.view_rateset", "fx.change_rateset", "fx.view_quote",
        "fx.view_dailyrate", "fx.view_ratefetch",
        "fx.view_window", "fx.add_window",
        "listings.view_importrule", "listings.add_importrule", "listings.change_importrule", "listings.view_rulechange",
        "listings.view_shopnumber", "listings.change_shopnumber",
        "listings.view_restrictedgoods", "listings.add_restrictedgoods", "listings.change_restrictedgoods",
        "listings.view_restrictionchange",
        "listings.view_registration", "listings.add_registration", "listings.change_registration",
    ),
}  # fmt: skip


def make_roles() -> None:
    """The groups with exactly these permissions."""
    for name, codes in ROLES.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.set(_permissions(codes))


def _permissions(codes: tuple[str, ...]) -> list[Permission]:
    wanted = [tuple(code.split(".")) for code in codes]
    return [Permission.objects.get(content_type__app_label=app, codename=code) for app, code in wanted]


def give_roles(people: Mapping[str, User]) -> None:
    make_roles()
    for role in ROLES:
        people[f"{role}@example.com"].groups.set([Group.objects.get(name=role)])
    admin = people["admin@example.com"]
    admin.is_superuser = True
    admin.save(update_fields=["is_superuser"])
