"""People and what is said to them: accounts, letters, legal texts and who accepted them; answers the API gave."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.lib.clock import now


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    """Anyone with an account; every account can sell and buy. The e-mail address is the login."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # by themselves, for good; see orders.leaving

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email.split("@")[0]


class FormerAddress(models.Model):
    """A confirmed address that was an account's `until` then: what concerns its money goes there too for a while."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_addresses")
    email = models.EmailField()
    until = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.email


class Letter(models.Model):
    """An e-mail to send: a row first, sent by a sweep. `key` names event and recipient, so no letter goes twice."""

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    language = models.CharField(max_length=8, default="en")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField(default=now)
    run_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        # Read by the sweep that sends letters.
        indexes = [models.Index(fields=["run_at"], condition=models.Q(sent_at=None), name="letter_unsent")]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"


class LegalText(models.Model):
    """One version of a text that people accept. A published version is never edited; a new one replaces it."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms")
        PRIVACY = "privacy", _("Privacy")
        SELLER = "seller", _("Seller agreement")

    kind = models.CharField(max_length=10, choices=Kind)
    version = models.CharField(max_length=20)
    body = models.TextField()
    effective_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="legal_text_version_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class Acceptance(models.Model):
    """Who accepted which version, when, and for what: `ref` is `signup`, `shop` or a checkout's public id."""

    text = models.ForeignKey(LegalText, on_delete=models.PROTECT)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT)
    email = models.EmailField()
    ref = models.CharField(max_length=64)
    accepted_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "email", "ref"], name="acceptance_once")]

    def __str__(self) -> str:
        return f"{self.email} accepted {self.text}"


class IdempotentCall(models.Model):
    """An unsafe API call with its `Idempotency-Key`: a second try gets the stored answer, another body an error."""

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotent_call_once")]
