"""Between the processors, the platform's bank and the sellers: settlements, exchange fills, payouts."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from fx.format import format_money
from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User


class Settlement(models.Model):
    """Money that a processor paid into the platform's bank account: `clearing:<processor>` to `clearing:bank`."""

    processor = models.CharField(max_length=32)
    reference = models.CharField(max_length=128)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    # None: the processor's statement.
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = [
            models.UniqueConstraint(fields=["processor", "reference"], name="settlement_once"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="settlement_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.processor} {self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Fill(models.Model):
    """An exchange of the platform's own money: `sold` left, `bought` came in. `trade`: for a netting window."""

    reference = models.CharField(max_length=128, unique=True)
    sold_currency = models.CharField(max_length=8)
    sold_minor = models.BigIntegerField()
    bought_currency = models.CharField(max_length=8)
    bought_minor = models.BigIntegerField()
    # None: a provider of exchange.
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    trade = models.ForeignKey("fx.WindowTrade", null=True, blank=True, on_delete=models.PROTECT, related_name="fills")
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("exchange fill")
        verbose_name_plural = _("exchange fills")
        constraints = [
            models.CheckConstraint(condition=models.Q(sold_minor__gt=0, bought_minor__gt=0), name="fill_positive"),
            models.CheckConstraint(
                condition=~models.Q(sold_currency=models.F("bought_currency")),
                name="fill_two_currencies",
            ),
            models.CheckConstraint(
                condition=models.Q(recorded_by__isnull=False) | models.Q(trade__isnull=False),
                name="fill_of_a_person_or_a_trade",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def sold(self) -> Money:
        return Money(self.sold_minor, self.sold_currency)

    @property
    def bought(self) -> Money:
        return Money(self.bought_minor, self.bought_currency)


class PayoutMethods(models.QuerySet["PayoutMethod"]):
    def current(self, seller: User, currency: str) -> PayoutMethods:
        """The seller's methods for `currency` that were not removed."""
        return self.filter(seller=seller, currency=currency, removed_at=None)

    def to_the_same(self, method: PayoutMethod) -> PayoutMethods:
        """Whosever: methods with this destination."""
        same = ("kind", "iban", "account", "clearing_code", "destination")
        return self.filter(**{name: getattr(method, name) for name in same})


class PayoutMethod(models.Model):
    """Where a seller wants the money of `currency`. `kind` is the processor that sends it.

    A bank is an IBAN, or an account number with its clearing code (IFSC, ...); all others have a `destination`: a
    coin's address or an account at Stripe. Nothing is approved before `usable_from`. `verified_at`: a payout arrived.
    """

    class Kind(models.TextChoices):
        BANK = "bank", _("Bank transfer")
        STRIPE = "stripe", "Stripe"
        BITCOIN = "bitcoin", "Bitcoin"
        ERC20 = "erc20", "USDC"

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.BANK)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="payout_methods")
    currency = models.CharField(_("currency"), max_length=8)
    holder = models.CharField(_("account holder"), max_length=70, blank=True)
    country = models.CharField(_("country of the bank"), max_length=2, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    account = models.CharField(_("account number"), max_length=34, blank=True)
    clearing_code = models.CharField(_("clearing code"), max_length=20, blank=True)
    # Where the holder of a bank account lives: banks want a structured address.
    town = models.CharField(_("town of the account holder"), max_length=35, blank=True)
    home = models.CharField(_("country of the account holder"), max_length=2, blank=True)
    destination = models.CharField(_("destination"), max_length=100, blank=True)
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(default=now)
    usable_from = models.DateTimeField(default=now)
    verified_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)  # the last payout to it came back
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PayoutMethods.as_manager()

    class Meta:
        verbose_name = _("payout method")
        verbose_name_plural = _("payout methods")
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "currency"],
                condition=models.Q(removed_at=None, is_default=True),
                name="payout_method_one_default",
            ),
            models.UniqueConstraint(
                fields=["seller", "currency", "kind", "iban", "account", "clearing_code", "destination"],
                condition=models.Q(removed_at=None),
                name="payout_method_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="bank", destination="", account="", clearing_code="") & ~models.Q(iban="")
                | models.Q(kind="bank", destination="", iban="") & ~models.Q(account="") & ~models.Q(clearing_code="")
                | models.Q(iban="", account="", clearing_code="") & ~models.Q(kind="bank") & ~models.Q(destination=""),
                name="payout_method_destination",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="bank") | ~models.Q(holder="") & ~models.Q(country=""),
                name="payout_method_bank_of_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(town="", home="") | ~models.Q(town="") & ~models.Q(home=""),
                name="payout_method_address",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(is_default=False), name="payout_method_removed"
            ),
        ]
        # Read when a payout is asked for: who else has this destination.
        indexes = [models.Index(fields=["iban", "account", "destination"], name="payout_method_same")]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.holder, self.masked]))

    @property
    def masked(self) -> str:
        """The account as people may see it: its last four characters."""
        return f"…{(self.iban or self.account or self.destination)[-4:]}"

    @property
    def words(self) -> str:
        """Its kind, holder and last characters, for letters and lists."""
        return f"{self.get_kind_display()}, {self}"

    @property
    def rests(self) -> bool:
        return now() < self.usable_from

    @property
    def rest_in_words(self) -> str:
        """Until when a payout to it waits, and why."""
        until = date_format(self.usable_from, "DATETIME_FORMAT")
        message = _("The destination is new. Payouts to it wait until %(until)s UTC, in case it was not you.")
        return str(message) % {"until": until}


class BankFile(models.Model):
    """A pain.001 payment file for the platform's bank: made once, downloaded, kept."""

    message_id = models.CharField(max_length=35, unique=True)
    currency = models.CharField(max_length=8)
    xml = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT)
    made_at = models.DateTimeField(default=now)
    taken_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)  # the first time that it was downloaded

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")

    def __str__(self) -> str:
        return self.message_id


class Payout(models.Model):
    """Sending a seller's payable. There is no way back from *sent* but a person's."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        SENT = "sent", _("Sent")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    NEXT: ClassVar[dict[str, set[str]]] = {
        State.REQUESTED: {State.APPROVED, State.CANCELED},
        State.APPROVED: {State.SENT, State.CANCELED},
        State.SENT: {State.PAID, State.FAILED},
        State.PAID: {State.FAILED},  # a bank sent it back, as its statement shows
        State.FAILED: set(),
        State.CANCELED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seller = models.ForeignKey(User, on_delete=models.PROTECT, related_name="payouts")
    method = models.ForeignKey(PayoutMethod, on_delete=models.PROTECT)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    # How much of it came in as its currency; the rest was exchanged. None: asked for before this was noted.
    matched_minor = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    file = models.ForeignKey(BankFile, null=True, blank=True, on_delete=models.PROTECT, related_name="payouts")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    # What leaves for it, fixed by the approval: the amount itself, or coins for it.
    send_currency = models.CharField(max_length=8, blank=True)
    send_minor = models.BigIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    paid_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    bank_reference = models.CharField(max_length=66, blank=True)  # or the transaction of a coin
    problem = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    followed_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="follows")
    remind_at = models.DateTimeField(null=True, blank=True)  # the seller hears of a failed one again
    dormant_at = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField(default=now)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payout_positive"),
            models.CheckConstraint(
                condition=models.Q(matched_minor=None)
                | models.Q(matched_minor__gte=0, matched_minor__lte=models.F("amount_minor")),
                name="payout_matched_within",
            ),
            models.CheckConstraint(
                condition=models.Q(paid_by=None) | ~models.Q(paid_by=models.F("approved_by")),
                name="payout_four_eyes",
            ),
            models.CheckConstraint(
                condition=models.Q(failed_by=None) | ~models.Q(failed_by=models.F("approved_by")),
                name="payout_four_eyes_back",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_by=None) | ~models.Q(sent_by=models.F("approved_by")),
                name="payout_four_eyes_sent",
            ),
            models.CheckConstraint(
                condition=models.Q(remind_at=None, dormant_at=None) | models.Q(state="failed"),
                name="payout_reminds_of_failed",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["approved", "sent", "paid"])
                | models.Q(approved_at__isnull=False, send_minor__gt=0) & ~models.Q(send_currency=""),
                name="payout_approved_with_what_leaves",
            ),
            models.UniqueConstraint(
                fields=["bank_reference"], condition=~models.Q(bank_reference=""), name="payout_bank_reference_once"
            ),
        ]
        indexes = [
            # Read by the sweep that reminds sellers.
            models.Index(fields=["remind_at"], condition=~models.Q(remind_at=None), name="payout_remind"),
            # Read when one is asked for: those of the last days, and what is under way.
            models.Index(fields=["seller", "currency", "requested_at"], name="payout_of_seller"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.method}"

    @property
    def key(self) -> str:
        """Our idempotency key at a processor that sends it."""
        return f"payout:{self.pk}"

    @property
    def matched(self) -> Money | None:
        """What of it came in as its currency; none: not noted."""
        return None if self.matched_minor is None else Money(self.matched_minor, self.currency)

    @property
    def exchanged(self) -> Money | None:
        """The rest: exchanged, or from a sales balance."""
        return None if self.matched is None else self.amount - self.matched

    @property
    def matched_in_words(self) -> str:
        """Where its money is from; empty when that was not noted."""
        matched, rest = self.matched, self.exchanged
        if matched is None or rest is None:
            return ""
        language = get_language() or "en"
        facts = {
            "matched": format_money(matched, language),
            "rest": format_money(rest, language),
            "currency": self.currency,
        }
        if not rest:
            return gettext("All of it came in as %(currency)s.") % facts
        if not matched:
            return gettext("All of it was exchanged, or is from a sales balance.") % facts
        words = gettext("%(matched)s of it came in as %(currency)s, %(rest)s was exchanged or is from a sales balance.")
        return words % facts

    @property
    def can_be_canceled(self) -> bool:
        """It has not left."""
        return self.State.CANCELED in self.NEXT[self.state]

    @property
    def sends(self) -> Money:
        """What leaves for it, once it is approved."""
        assert self.send_minor is not None, "not approved yet"
        return Money(self.send_minor, self.send_currency)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
