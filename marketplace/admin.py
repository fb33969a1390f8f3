"""The admin of people and words: users, letters, legal texts. And what the admin of every app is built of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy

from marketplace import letters, suspension
from marketplace.lib.clock import now
from marketplace.models import Acceptance, LegalText, Letter, User
from marketplace.second_factor import has_second_factor

if TYPE_CHECKING:
    UserModelAdmin = admin.ModelAdmin[User]
    TextModelAdmin = admin.ModelAdmin[LegalText]
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyInline = admin.TabularInline[Any, Any]
else:  # Django's own classes take no parameters when they run
    UserModelAdmin = TextModelAdmin = AnyModelAdmin = admin.ModelAdmin
    AnyInline = admin.TabularInline


def staff(request: HttpRequest) -> User:
    """Who acts: the admin lets nobody in who is not logged in."""
    assert isinstance(request.user, User)
    return request.user


class _Untouchable:
    """Looks, and changes nothing, whoever asks; a superuser too."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(_Untouchable, AnyModelAdmin):
    """A table to look at."""


class ReadOnlyInline(_Untouchable, AnyInline):
    """Rows of a parent to look at: whoever may see the parent sees them."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class EmailAddresses(ReadOnlyInline):
    model = EmailAddress
    fields = readonly_fields = ("email", "verified", "primary")


class SuspendForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        help_text=_("The person reads it in a letter."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@admin.register(User)
class UserAdmin(UserModelAdmin):
    list_display = ("email", "name", "country", "is_staff", "confirmed", "second_factor", "suspended")
    list_filter = ("is_staff", ("suspended_at", admin.EmptyFieldListFilter), "country")
    search_fields = ("email", "name")
    ordering = ("email",)
    inlines = (EmailAddresses,)
    actions = ("suspend", "restore")
    readonly_fields = (
        "email",
        "name",
        "country",
        "currency",
        "language",
        "last_login",
        "date_joined",
        "suspended_at",
        "confirmed",
        "second_factor",
    )
    fieldsets = (
        (None, {"fields": ("email", "name", ("country", "currency", "language"))}),
        (_("Access"), {"fields": ("confirmed", "second_factor", "last_login", "date_joined", "suspended_at")}),
        (_("Staff"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    filter_horizontal = ("groups", "user_permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return super().get_queryset(request).annotate(has_confirmed=Exists(confirmed))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Rights are given by superusers only, else a moderator could make themselves one."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "groups", "user_permissions")
        return (*self.readonly_fields, *rights)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(boolean=True, description=_("address confirmed"))
    def confirmed(self, user: User) -> bool:
        return bool(getattr(user, "has_confirmed", False))

    @admin.display(boolean=True, description=_("second factor"))
    def second_factor(self, user: User) -> bool:
        return has_second_factor(user)

    @admin.display(boolean=True, description=_("suspended"), ordering="suspended_at")
    def suspended(self, user: User) -> bool:
        return user.suspended_at is not None

    @admin.action(description=_("Suspend, with a reason"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Asks for the reason first; the letter carries it."""
        form = SuspendForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {**self.admin_site.each_context(request), "form": form, "users": queryset, "title": _("Suspend")}
            return TemplateResponse(request, "admin/suspend.html", context)
        for user in queryset:
            self._suspend_one(request, user, form.cleaned_data["reason"])
        return None

    def _suspend_one(self, request: HttpRequest, user: User, reason: str) -> None:
        try:
            suspension.suspend(user, by=staff(request), reason=reason)
        except suspension.SuspensionRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.log_change(request, user, f"Suspended: {reason}")
        self.message_user(request, _("%(user)s is suspended.") % {"user": user}, messages.SUCCESS)

    @admin.action(description=_("Let in again"), permissions=["change"])
    def restore(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            suspension.restore(user, by=staff(request))
            self.log_change(request, user, "Let in again")
            self.message_user(request, _("%(user)s can log in again.") % {"user": user}, messages.SUCCESS)


@admin.register(Letter)
class LetterAdmin(ReadOnly):
    list_display = ("subject", "to", "created_at", "sent_at", "attempts", "error")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), "language")
    search_fields = ("to", "subject", "key")
    ordering = ("-created_at",)
    fields = ("key", "to", "language", "subject", "text", "created_at", "run_at", "sent_at", "attempts", "error")

    @admin.display(description=_("text"))
    def text(self, letter: Letter) -> str:
        """Not of letters with a link that logs in: whoever reads it could be that person."""
        return (
            str(_("Kept from staff: it has a link that logs in."))
            if letter.key.startswith(letters.PRIVATE)
            else letter.body
        )


@admin.register(LegalText)
class LegalTextAdmin(TextModelAdmin):
    list_display = ("kind", "version", "effective_at", "published")
    list_filter = ("kind",)
    ordering = ("kind", "-effective_at")

    @admin.display(boolean=True, description=_("in force or past"))
    def published(self, text: LegalText) -> bool:
        return text.effective_at <= now()

    def has_change_permission(self, request: HttpRequest, obj: LegalText | None = None) -> bool:
        """A published version stays what people accepted; publish a new one instead."""
        return super().has_change_permission(request, obj) and not (obj and self.published(obj))

    def has_delete_permission(self, request: HttpRequest, obj: LegalText | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and self.published(obj))


@admin.register(Acceptance)
class AcceptanceAdmin(ReadOnly):
    list_display = ("email", "text", "ref", "accepted_at")
    list_filter = ("text__kind", "text__version")
    search_fields = ("email", "ref")
    ordering = ("-accepted_at",)


# The library's own pages would let staff switch off a second factor or read a key to the API.
admin.site.unregister([EmailAddress, Authenticator, TokenProxy])
