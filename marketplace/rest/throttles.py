"""So many calls a minute, per account or per address; counted in the cache, which may be lost without loss."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

if TYPE_CHECKING:  # views read their throttles while they are being defined
    from rest_framework.views import APIView

log = logging.getLogger(__name__)


class PerAddress(AnonRateThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as error:
            return _uncounted(error)


class PerAccount(UserRateThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as error:
            return _uncounted(error)


def _uncounted(error: RedisError) -> bool:
    log.warning("API calls are not counted: the cache does not answer (%s).", error)
    return True
