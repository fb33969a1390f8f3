"""The daily head: the chain as it stands, signed with the operator's Ed25519 key."""

from __future__ import annotations

import hashlib
import logging

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from marketplace.lib.clock import now
from marketplace.lib.locks import singleton
from payments.models import ChainHead, ChainLink
from payments.proof import lines

log = logging.getLogger(__name__)


def key() -> Ed25519PrivateKey | None:
    """PROOF_KEY, 32 bytes in hex; the demo's is made of SECRET_KEY. None: nothing is signed. ValueError: no key."""
    if settings.PROOF_KEY:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.PROOF_KEY))
    if settings.SANDBOX:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"proof:{settings.SECRET_KEY}".encode()).digest())
    return None


def is_signed(head: ChainHead) -> bool:
    """Whether the signature is the key's, over what the row says."""
    message = lines.head(str(head.day), head.position, head.digest, head.before)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key)).verify(bytes.fromhex(head.signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_today() -> ChainHead | None:
    """Sign the chain once a day (UTC), over the head before. None: it is done, nothing is chained, or there is no key.

    What does not follow from the last head is not signed: the audit says what is wrong.
    """
    with singleton("sign heads") as alone:
        return _sign() if alone else None


@transaction.atomic
def _sign() -> ChainHead | None:
    day, secret, link = now().date(), key(), ChainLink.objects.order_by("-position").first()
    last = ChainHead.objects.order_by("-day").first()
    if secret is None or link is None or (last is not None and last.day >= day):
        return None
    if last is not None and not _follows(last):
        log.error("The chain does not lead on from the head of %s; no head is signed for %s.", last.day, day)
        return None
    before = last.digest if last else lines.GENESIS
    return ChainHead.objects.create(
        day=day,
        position=link.position,
        digest=link.digest,
        before=before,
        key=secret.public_key().public_bytes_raw().hex(),
        signature=secret.sign(lines.head(str(day), link.position, link.digest, before)).hex(),
    )


def _follows(last: ChainHead) -> bool:
    there = ChainLink.objects.filter(position=last.position).values_list("digest", flat=True).first()
    return is_signed(last) and there == last.digest
