"""The double as a whole: one account of Stripe's, its store, its faults, its webhooks, its server."""

from __future__ import annotations

import copy
import secrets
import threading
from pathlib import Path

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from payments.doubles.stripe.faults import Faults
from payments.doubles.stripe.server import Server, handler_for
from payments.doubles.stripe.store import Obj, Store, stamp
from payments.doubles.stripe.webhooks import Sender


class Double:
    """`data`: the file that keeps it through a restart. `webhook_url`: where events go by themselves; without one they
    wait in `outbox`. `port` 0 takes a free one. Refuses to exist outside the demo and tests."""

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        port: int = 0,
        data: Path | None = None,
        webhook_url: str = "",
    ) -> None:
        if not settings.SANDBOX:
            raise ImproperlyConfigured(
                "The double of Stripe runs only with ENTREPOT_ENV=demo or test. Set STRIPE_SECRET_KEY and leave "
                "STRIPE_API_BASE unset to use Stripe itself."
            )
        if not secret_key.startswith("sk_test_"):
            raise ImproperlyConfigured("The double of Stripe takes only keys that start with sk_test_.")
        self.secret_key, self.webhook_secret = secret_key, webhook_secret
        self.store = Store(data)
        self.faults = Faults()
        self.converts: dict[str, str] = {}  # currency: EUR for one unit; the others settle as they are
        self.search_lag = 0  # seconds until the search finds a new object
        self.requests: list[str] = []  # "POST /v1/refunds", the latest last
        self.api_version = stripe.api_version or ""
        self.uploads: dict[str, bytes] = {}  # by digest; for tests to look at
        self.local = threading.local()
        self.sender = Sender(self, webhook_url)
        self.http = Server(("127.0.0.1", port), handler_for(self))
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def start(self) -> Double:
        """Serve in the background until `stop`."""
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.sender.start()
        return self

    def serve(self) -> None:
        """Serve in this thread until it is interrupted."""
        self.sender.start()
        self.http.serve_forever()

    def stop(self) -> None:
        self.sender.stop()
        self.http.shutdown()
        self.http.server_close()

    def emit(self, kind: str, subject: Obj) -> Obj:
        """An event with a snapshot of `subject`, to be delivered once this request is committed."""
        event = self.store.new(
            "event",
            api_version=self.api_version,
            data={"object": copy.deepcopy(subject)},
            pending_webhooks=1,
            request={"id": f"req_{secrets.token_hex(7)}", "idempotency_key": getattr(self.local, "key", None)},
            type=kind,
        )
        self.store.put("delivery", {"id": event["id"], "done": False, "created": stamp()})
        self.sender.fresh.append(event["id"])
        return event

    def outbox(self) -> list[Obj]:
        """Events that no endpoint has taken yet, oldest first."""
        with self.store.lock:
            waiting = reversed(self.store.every("delivery", done=False))
            return [copy.deepcopy(self.store.get("event", row["id"])) for row in waiting]
