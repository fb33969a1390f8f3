"""Zwin: the buyer is sent to Zwin's page, confirms in the app of their bank, and comes back. A webhook says when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.utils.translation import get_language

from entrepot_zwin.client import Client
from entrepot_zwin.prices import COUNTRIES, MOST, estimate
from entrepot_zwin.reading import movement, update
from entrepot_zwin.signature import news, verified
from payments.processors import Can, Money, Movement, Processor, Refused, Update

ADDRESS = "https://api.zwin.example"
PATHS = {"payment": "payments", "refund": "refunds", "settlement": "settlements"}
PAGE = 100
NOTES = {
    "en": "You confirm in the app of your bank. It takes a minute, and nothing has to be typed in.",
    "de": "Sie bestätigen in der App Ihrer Bank. Es dauert eine Minute, und es ist nichts einzutippen.",
}


class Zwin(Processor):
    """Config: `api_key`, `webhook_secret` (several with commas while it is changed); optional `api_url`, `timeout`."""

    slug: ClassVar[str] = "zwin"
    label: ClassVar[str] = "Zwin"
    can: ClassVar[Can] = Can.CANCEL | Can.REFUND | Can.PARTIAL_REFUND | Can.STATEMENT | Can.WEBHOOK
    api: ClassVar[int] = 1

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        for name in ("api_key", "webhook_secret"):
            if not str(config.get(name) or "").strip():
                raise ValueError(f"{name} is empty. Set PROCESSOR_ZWIN_{name.upper()} to what Zwin's console shows.")
        self.secrets = [part.strip() for part in str(config["webhook_secret"]).split(",") if part.strip()]
        url, seconds = str(config.get("api_url") or ADDRESS), float(config.get("timeout") or 10)
        self.client = Client(url, str(config["api_key"]).strip(), seconds=seconds)

    # --- at checkout: offline ---------------------------------------------------------------------

    @property
    def note(self) -> str:
        return NOTES.get((get_language() or "en")[:2], NOTES["en"])

    def accepts(self, money: Money, country: str) -> bool:
        most = MOST.get(money.currency)
        return most is not None and country in COUNTRIES and estimate(money) < money <= Money(most, money.currency)

    def fee(self, money: Money, country: str) -> Money:
        return estimate(money) if money.currency in MOST else Money(0, money.currency)

    # --- paying -----------------------------------------------------------------------------------

    def create(self, key: str, money: Money, *, ref: str, expires_at: dt.datetime, return_url: str) -> Update:
        asked = {
            **money.json(),
            "key": key,
            "reference": ref,
            "return_url": return_url,
            "expires_at": expires_at.isoformat(),
        }
        return update("payment", self.client.post("/v1/payments", asked, key=key))

    def fetch(self, ref: str | None, *, kind: str = "payment", key: str | None = None) -> Update | None:
        path = PATHS.get(kind)
        if path is None:
            raise Refused(f"Zwin has no {kind}s: {ref or key}.")
        if ref is not None:
            found = self.client.get(f"/v1/{path}/{quote(ref, safe='')}")
        else:
            listed = self.client.get(f"/v1/{path}?{urlencode({'key': key or ''})}") or {}
            found = next(iter(listed.get("data", [])), None)
        return None if found is None else update(kind, found)

    def cancel(self, key: str, ref: str) -> Update:
        """Closes Zwin's page. What was paid meanwhile is told as it is."""
        try:
            return update("payment", self.client.post(f"/v1/payments/{quote(ref, safe='')}/cancel", {}, key=key))
        except Refused:
            known = self.fetch(ref)
            if known is None or known.outcome not in {"succeeded", "canceled", "expired"}:
                raise
            return known

    def refund(self, key: str, ref: str, money: Money, *, destination: str | None = None) -> Update:
        """Back to the account that paid: Zwin knows it, so `destination` is not needed."""
        asked = {**money.json(), "key": key}
        return update("refund", self.client.post(f"/v1/payments/{quote(ref, safe='')}/refunds", asked, key=key))

    # --- news and records -------------------------------------------------------------------------

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[Update]:
        named = {name.lower(): value for name, value in headers.items()}
        return news(verified(body, named.get("zwin-signature", ""), self.secrets))

    def statement(self, since: dt.datetime, until: dt.datetime) -> Iterator[Movement]:
        """Every line of Zwin's balance, page by page, oldest first."""
        after = ""
        while True:
            span = {"since": since.isoformat(), "until": until.isoformat(), "limit": PAGE, "after": after}
            lines = (self.client.get(f"/v1/lines?{urlencode(span)}") or {}).get("data", [])
            yield from (movement(line) for line in lines)
            if len(lines) < PAGE:
                return
            after = lines[-1]["id"]
