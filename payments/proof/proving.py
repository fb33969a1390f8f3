"""The proof of one order: its journals, and the links from each up to the signed head above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from payments.ledger import codes
from payments.models import ChainHead, ChainLink, Entry, Journal
from payments.proof import lines

FORMAT = "entrepot-proof-1"
Shows = Callable[[Journal, str], bool]


def of_order(number: str, currency: str, shows: Shows) -> dict[str, Any]:
    """All journals of the order, as JSON; `shows` says of which accounts the entries are readable."""
    held = Entry.objects.filter(account__code=codes.hold(number, currency).code).values("journal_id")
    found = Journal.objects.filter(Q(ref=number) | Q(pk__in=held)).select_related("link").order_by("pk")
    heads: dict[str, ChainHead] = {}
    journals = [_journal(journal, shows, heads) for journal in found]
    return {
        "format": FORMAT,
        "order": number,
        "journals": journals,
        "heads": [_head(head) for _day, head in sorted(heads.items())],
    }


def _journal(journal: Journal, shows: Shows, heads: dict[str, ChainHead]) -> dict[str, Any]:
    link = getattr(journal, "link", None)
    at = lines.moment(journal.occurred_at)
    about = {"key": journal.key, "kind": journal.kind, "ref": journal.ref, "at": at}
    if link is None:
        return about | {"position": None, "head": None, "entries": _entries(journal, shows, ""), "after": []}
    head = ChainHead.objects.filter(position__gte=link.position).order_by("day").first()
    before = ChainLink.objects.filter(position=link.position - 1).values_list("digest", flat=True).first()
    after: list[str] = []
    if head is not None:
        heads[str(head.day)] = head
        between = ChainLink.objects.filter(position__gt=link.position, position__lte=head.position)
        after = list(between.order_by("position").values_list("leaf", flat=True))
    return about | {
        "position": link.position,
        "before": before or lines.GENESIS,
        "entries": _entries(journal, shows, link.salt),
        "after": after,
        "head": str(head.day) if head else None,
    }


def _entries(journal: Journal, shows: Shows, salt: str) -> list[dict[str, Any]]:
    told = []
    for entry in journal.entries.select_related("account").order_by("line"):
        code, own = entry.account.code, lines.salt_of(salt, entry.line)
        if shows(journal, code):
            told.append({"account": code, "amount": entry.amount, "currency": entry.currency, "salt": own})
        else:
            told.append({"hidden": lines.committed(own, code, entry.amount, entry.currency)})
    return told


def _head(head: ChainHead) -> dict[str, Any]:
    names = ("position", "digest", "before", "key", "signature")
    return {"day": str(head.day)} | {name: getattr(head, name) for name in names}
