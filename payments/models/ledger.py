"""The books to read. Their tables are made and kept by SQL (migration 0002); `payments.ledger.posting` writes them."""

from __future__ import annotations

from django.db import models


class Account(models.Model):
    """`kind` says the normal side; a `guarded` account's balance never crosses zero."""

    code = models.TextField(unique=True)
    currency = models.TextField()
    kind = models.TextField()
    guarded = models.BooleanField(default=False)
    stripes = models.SmallIntegerField(default=1)
    opened_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_account"

    def __str__(self) -> str:
        return self.code


class Balance(models.Model):
    """One stripe of an account's balance, debit positive, kept by a trigger."""

    pk = models.CompositePrimaryKey("account_id", "stripe")
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="balances")
    stripe = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_balance"


class Journal(models.Model):
    """One event in the books. `key` makes a second posting harmless; `ref` is an order's number or an id."""

    key = models.TextField(unique=True)
    kind = models.TextField()
    ref = models.TextField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_journal"

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """One line of a journal: debit positive, credit negative, in minor units of `currency`."""

    pk = models.CompositePrimaryKey("journal_id", "line")
    journal = models.ForeignKey(Journal, on_delete=models.DO_NOTHING, related_name="entries")
    line = models.SmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, related_name="entries")
    currency = models.TextField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "ledger_entry"
