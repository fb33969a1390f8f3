"""What the platform's bank told: messages as they came, statements, and what became of each of their lines."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from fx.money import Money
from marketplace.lib.clock import now
from marketplace.models import User
from payments.models.bank import Payout
from payments.models.payment import Payment


class BankMessage(models.Model):
    """A file of the bank, used once: a second time it is refused or harmless."""

    kind = models.CharField(_("kind"), max_length=8)  # pain.002 or camt.053
    message_id = models.CharField(_("message"), max_length=35)
    sha256 = models.CharField(max_length=64, unique=True)
    xml = models.TextField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("file of the bank")
        verbose_name_plural = _("files of the bank")
        constraints = [models.UniqueConstraint(fields=["kind", "message_id"], name="bank_message_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class BankStatement(models.Model):
    """One account's balances. Each opens with what the one before closed with.

    `books_upto`, of the first one only: the last journal that its opening balance covers; `journal` is what was
    posted then so that books and bank agree.
    """

    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="statements")
    statement_id = models.CharField(max_length=35)
    iban = models.CharField(max_length=34)
    currency = models.CharField(max_length=8)
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    closed_on = models.DateField()
    books_upto = models.BigIntegerField(null=True, blank=True)
    journal = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        constraints = [
            models.UniqueConstraint(fields=["iban", "currency", "statement_id"], name="bank_statement_once"),
            models.UniqueConstraint(
                fields=["currency"], condition=~models.Q(books_upto=None), name="bank_statement_one_first"
            ),
        ]

    def __str__(self) -> str:
        return self.statement_id

    @property
    def opening(self) -> Money:
        return Money(self.opening_minor, self.currency)

    @property
    def closing(self) -> Money:
        return Money(self.closing_minor, self.currency)


class BankLine(models.Model):
    """One line and what it meant. On a statement it has a journal, which no other line of its currency has.

    In an answer to a file of ours (no statement) it says what the bank made of a payout; `amount` is negative too.
    """

    class Meaning(models.TextChoices):
        TAKEN = "taken", _("The bank took a payout")
        REJECTED = "rejected", _("The bank rejected a payout")
        DUPLICATE = "duplicate", _("The bank has the payout already")
        PAID = "paid", _("A payout left")
        RETURNED = "returned", _("A payout came back")
        OWN = "own", _("The platform's own: charges, interest")
        SETTLEMENT = "settlement", _("A processor paid")
        FILL = "fill", _("An exchange")
        DRAWN = "drawn", _("The operator took out income")
        PAYIN = "payin", _("A buyer paid")
        PAYBACK = "payback", _("Money went back to a buyer")
        UNKNOWN = "unknown", _("Nothing explains it: a person has to look")

    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="lines")
    statement = models.ForeignKey(BankStatement, null=True, blank=True, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    meaning = models.CharField(_("meaning"), max_length=10, choices=Meaning)
    currency = models.CharField(max_length=8)
    amount_minor = models.BigIntegerField()
    reference = models.CharField(_("the bank's reference"), max_length=70, blank=True)
    end_to_end = models.CharField(max_length=35, blank=True)
    name = models.CharField(_("name"), max_length=140, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    text = models.TextField(_("text"), blank=True)
    payout = models.ForeignKey(Payout, null=True, blank=True, on_delete=models.PROTECT, related_name="bank_lines")
    payment = models.ForeignKey(Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="bank_lines")
    journal = models.BigIntegerField(null=True, blank=True)
    explained_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        verbose_name = _("line of the bank")
        verbose_name_plural = _("lines of the bank")
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="bank_line_once"),
            models.UniqueConstraint(fields=["journal", "currency"], name="bank_line_own_journal"),
            models.CheckConstraint(
                condition=models.Q(statement=None, journal=None)
                | models.Q(statement__isnull=False, journal__isnull=False),
                name="bank_line_booked",
            ),
            models.CheckConstraint(
                condition=models.Q(explained_by=None, explained_at=None, why="")
                | models.Q(explained_by__isnull=False, explained_at__isnull=False) & ~models.Q(why=""),
                name="bank_line_explained_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}: {self.text or self.name or self.reference}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
