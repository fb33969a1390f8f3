"""The hash chain over the journals, and its daily heads. Rows are added and never changed (sql/proof_stays.sql)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now
from payments.models.ledger import Journal


class ChainLink(models.Model):
    """A journal's place in the chain. From 1, without gaps; hashes are in hex: payments/proof/lines.py."""

    position = models.BigIntegerField(primary_key=True)
    journal = models.OneToOneField(Journal, on_delete=models.DO_NOTHING, related_name="link")
    salt = models.CharField(max_length=32)
    leaf = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("link of the proof")
        verbose_name_plural = _("links of the proof")

    def __str__(self) -> str:
        return f"{self.position}: {self.digest}"


class ChainHead(models.Model):
    """The chain as it stood on `day`, signed with Ed25519; `key` is the public one. All in hex."""

    day = models.DateField(unique=True)
    position = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    before = models.CharField(max_length=64)  # the digest of the head before
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    signed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("signed head")
        verbose_name_plural = _("signed heads")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.digest}"
