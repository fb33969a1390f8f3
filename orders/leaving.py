"""Closing an account: when nothing is open any more the person goes, and the books stay as long as the law says.

What is kept of finished orders (address, e-mail address, terms accepted) is erased when the years of books are over.
"""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from fx.money import Money
from listings.models import Listing, Shop
from listings.services import withdraw_listing
from marketplace import letters
from marketplace.lib.clock import now
from marketplace.models import Acceptance, Letter, User
from orders.disputes import messages
from orders.errors import OrderRefused
from orders.invoices.opening import has_unsaid
from orders.models import Cart, Checkout, Order, PackedParcel, Return
from orders.returns import withdrawal
from payments.chargebacks import answering
from payments.models import Invoice, Payout, PayoutMethod, Refund, Wait
from payments.sellers.payable import lock_seller

FINAL = (Order.Status.COMPLETED, Order.Status.REFUNDED, Order.Status.CANCELED, Order.Status.SPLIT)
UNDER_WAY = (Payout.State.REQUESTED, Payout.State.APPROVED, Payout.State.SENT)
BALANCES = """
select a.code, a.currency, abs(sum(b.amount))::bigint from ledger_account a join ledger_balance b on b.account_id = a.id
where a.code like %s or a.code like %s group by 1, 2 having sum(b.amount) <> 0 order by 1"""
LOOKED_BACK = dt.timedelta(days=60)  # no period of withdrawal is longer, with the days of a dispute
NOWHERE = "invalid"  # a domain that never is (RFC 2606)


def obstacles(user: User) -> list[str]:
    """What has to end before the account can be closed, one sentence each; empty when nothing stands in the way."""
    found = []
    if bought := Order.objects.bought_by(user).exclude(status__in=FINAL).count():
        found.append(_("%(count)d of your purchases are not finished.") % {"count": bought})
    if sold := Order.objects.filter(shop__owner=user).exclude(status__in=FINAL).count():  # unpaid ones, too
        found.append(_("%(count)d of your sales are not finished.") % {"count": sold})
    if ends := _may_be_withdrawn_from(user):
        found.append(
            _("Buyers may still withdraw from %(count)d of your sales, until %(day)s.")
            % {"count": len(ends), "day": max(ends).date().isoformat()}
        )
    theirs = Q(order__checkout__buyer=user) | Q(order__shop__owner=user)
    if Return.objects.filter(theirs, state__in=Return.LIVE).exists():
        found.append(_("A return is under way."))
    if Refund.objects.filter(payment__user=user).exclude(state=Refund.State.SUCCEEDED).exists():
        found.append(_("A refund to you is under way, or waits for an address."))
    if Payout.objects.filter(seller=user, state__in=UNDER_WAY).exists():
        found.append(_("A payout to you is under way."))
    if Invoice.objects.filter(seller=user, paper=None, wait__in=(Wait.SELLER, Wait.VAT_ID)).exists():
        found.append(_("An invoice about our commission waits: say your address for invoices."))
    elif has_unsaid(user.pk, now()):
        found.append(
            _("Your last invoice about our commission is not written yet. Have it written under Money, and keep it.")
        )
    return found + [_sentence(code, money) for code, money in _balances(user)]


def _may_be_withdrawn_from(user: User) -> list[dt.datetime]:
    """Until when, of each finished sale that was delivered: its goods may still come back to the seller."""
    finished = Order.objects.sold_by(user).filter(status__in=FINAL, delivered_at__gt=now() - LOOKED_BACK)
    orders = finished.select_related("dispute").prefetch_related("lines__refunded", "parcels", "returns")
    return [end for order in orders if withdrawal.lines(order) and (end := withdrawal.until(order))]


def _balances(user: User) -> list[tuple[str, Money]]:
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, [f"seller:{user.pk}:%", f"buyer:{user.pk}:%"])
        return [(code, Money(int(minor), currency)) for code, currency, minor in cursor.fetchall()]


def _sentence(code: str, money: Money) -> str:
    if code.endswith(":debt"):
        return _("You owe %(amount)s. Pay it to us, or sell until it is paid.") % {"amount": money}
    if code.endswith(":reserve"):
        return _("%(amount)s is kept in reserve for a while.") % {"amount": money}
    if code.endswith(":contested"):
        return _("A buyer's bank asks for %(amount)s of a sale. That has to be decided first.") % {"amount": money}
    if code.startswith("buyer:"):
        return _("%(amount)s that you paid too much is still yours. Write to us, so that we send it back.") % {
            "amount": money
        }
    return _("%(amount)s is payable to you. Have it paid out; write to us if it is under the minimum.") % {
        "amount": money
    }


@transaction.atomic
def close_account(user: User, *, by: User) -> User:
    """Close it for good. OrderRefused with every obstacle; nothing is half done.

    The shop and its listings go off sale, log-in, tokens, second factors, basket and payout methods end, name and
    address are taken off the account. A last letter says what is kept, and until when.
    """
    assert by == user, "only people themselves close their account"
    lock_seller(user.pk)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.closed_at is not None:
        return user
    if user.is_staff:
        raise OrderRefused(_("Staff accounts are ended by another member of staff."))
    if found := obstacles(user):
        raise OrderRefused(" ".join(found))
    _say_goodbye(user)
    _close_shop(user)
    _forget(user)
    return user


def _say_goodbye(user: User) -> None:
    letters.write(
        key=f"account_closed:{user.pk}",
        to=user.email,
        template="account_closed",
        context={"years": settings.BOOKS_KEPT_YEARS},
        language=user.language,
    )


def _close_shop(user: User) -> None:
    shop = Shop.objects.select_for_update().filter(owner=user).first()
    if shop is None:
        return
    for listing in shop.listings.filter(status__in=(Listing.Status.LIVE, Listing.Status.IN_REVIEW)):
        withdraw_listing(listing, by=user)
    shop.numbers.all().delete()  # issued invoices keep the VAT number that they need
    PackedParcel.objects.filter(order__shop=shop).update(phone="", eori="")
    shop.suspended_at = shop.suspended_at or now()
    shop.save(update_fields=["suspended_at"])


def _forget(user: User) -> None:
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Token.objects.filter(user=user).delete()
    Cart.objects.filter(owner=f"user:{user.pk}").delete()
    PayoutMethod.objects.filter(seller=user, removed_at=None).update(removed_at=now(), is_default=False)
    user.email, user.name, user.is_active = f"closed-{user.pk}@{NOWHERE}", "", False
    user.set_unusable_password()
    user.closed_at = now()
    user.save()


# --- when the years are over --------------------------------------------------------------------


def due(limit: int = 500) -> list[int]:
    """Ids of finished checkouts that the books need no person for any more."""
    old = now() - dt.timedelta(days=365 * settings.BOOKS_KEPT_YEARS)
    kept = Checkout.objects.filter(created_at__lt=old).exclude(email__endswith=f"@{NOWHERE}")
    done = kept.exclude(orders__status__in=set(Order.Status) - set(FINAL))
    return list(done.order_by("created_at").values_list("pk", flat=True)[:limit])


@transaction.atomic
def erase(checkout_id: int) -> None:
    """Take the person out of a checkout: sums, goods and the country stay."""
    checkout = Checkout.objects.select_for_update().get(pk=checkout_id)
    nobody = f"erased-{checkout.pk}@{NOWHERE}"
    Acceptance.objects.filter(ref=checkout.public_id).update(email=nobody, user=None)
    checkout.address = {"country_code": checkout.address.get("country_code", "")}
    checkout.email = nobody
    checkout.save(update_fields=["address", "email"])
    checkout.orders.update(new_address=None)
    answering.forget(checkout.payment_id)
    for order in checkout.orders.all():
        order.address_changes.all().delete()
        order.packed.update(phone="", eori="", comments="")
        order.returns.update(reason="", send_to="", carrier="", tracking_number="", answer="", decision="")
        messages.forget(order)


def forget_letters(limit: int = 5_000) -> int:
    """Delete letters that were sent before the years of books; how many."""
    old = now() - dt.timedelta(days=365 * settings.BOOKS_KEPT_YEARS)
    ids = Letter.objects.filter(sent_at__lt=old).order_by("pk").values("pk")[:limit]
    return Letter.objects.filter(pk__in=ids).delete()[0]
