"""The line to Stripe: the SDK's client, and what its errors mean for money."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from payments.processors.base import Declined, Refused, Unavailable, Unknown

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 20.0
RETRIES = 2

# What buyers read, by Stripe's decline code. The others get the first line of all.
DECLINES = {
    "": _("The card was declined. Try another card or ask your bank."),
    "insufficient_funds": _("The card was declined: not enough money on it. Try another card."),
    "expired_card": _("The card has expired. Try another card."),
    "incorrect_cvc": _("The card's security code is wrong. Check it and try again."),
    "invalid_cvc": _("The card's security code is wrong. Check it and try again."),
    "incorrect_number": _("The card number is wrong. Check it and try again."),
    "processing_error": _("The card could not be processed just now. Try again in a moment."),
    "payment_intent_authentication_failure": _(
        "Your bank did not confirm that it is you. Try again or take another card."
    ),
}


def decline(*codes: str | None) -> str:
    """The sentence for the first of Stripe's `codes` that has one, in the active language."""
    return gettext(next((DECLINES[code] for code in codes if code in DECLINES), DECLINES[""]))


class Line(stripe.RequestsClient):
    """The SDK's HTTP client that remembers whether a try of the current call may have arrived.

    The SDK retries by itself: the last error of a call alone does not tell what its first try did.
    """

    def __init__(self, *, seconds: float, loopback: bool) -> None:
        super().__init__(timeout=(CONNECT_SECONDS, seconds))
        if loopback:  # a proxy of the environment does not know our loopback
            session = self.requests.Session()
            session.trust_env = False
            self._session = session

    @property
    def maybe_arrived(self) -> bool:
        return bool(getattr(self._thread_local, "maybe_arrived", False))

    def begin(self) -> None:
        self._thread_local.maybe_arrived = False

    def request(  # type: ignore[override] # the SDK's own overrides like this
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = super().request(method, url, headers, post_data)
        except stripe.APIConnectionError as error:
            if not _never_left(error.__cause__):
                self._thread_local.maybe_arrived = True
            raise
        if answer[1] >= 500 or answer[1] == 409:
            self._thread_local.maybe_arrived = True
        return answer


def _never_left(error: BaseException | None) -> bool:
    """Whether the connection failed before a byte of the request was sent."""
    inner = error.args[0] if error and error.args else None
    reason = getattr(inner, "reason", inner)
    if isinstance(reason, SSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


@contextmanager
def translated(line: Line, what: str, *, reading: bool = False) -> Iterator[None]:
    """The SDK's errors inside the block become ours. `what` names the call; `reading` moves no money."""
    line.begin()
    try:
        yield
    except stripe.CardError as error:
        raise Declined(_decline_of(error)) from error
    except (
        stripe.IdempotencyError,
        stripe.InvalidRequestError,
        stripe.AuthenticationError,
        stripe.PermissionError,
    ) as error:
        raise Refused(f"Stripe refused to {what}: {error}") from error
    except stripe.StripeError as error:
        if reading or not line.maybe_arrived:
            raise Unavailable(f"Stripe cannot {what} now: {_brief(error)}. Try later.") from error
        raise Unknown(f"Stripe may have done it ({what}): {_brief(error)}. Fetch first.") from error


def _decline_of(error: stripe.CardError) -> str:
    details = error.error
    return decline(details.decline_code if details else None, error.code)


def _brief(error: stripe.StripeError) -> str:
    return " ".join(str(error).split())[-200:]


def code_of(error: Exception) -> str | None:
    """Stripe's own code of what became one of our errors."""
    return error.__cause__.code if isinstance(error.__cause__, stripe.StripeError) else None


def key_is_used(error: Exception) -> bool:
    """Whether Stripe knows the key with other words: what was asked for with it may have been done."""
    return isinstance(error.__cause__, stripe.IdempotencyError)


def replayed(error: Exception) -> bool:
    """Whether the answer was a saved one: asking again with the same key brings nothing else."""
    cause = error.__cause__
    return isinstance(cause, stripe.StripeError) and "Idempotent-Replayed" in (cause.headers or {})
