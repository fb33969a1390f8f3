"""The API: who may ask, how much, and its schema."""

from __future__ import annotations

from typing import Any

from marketplace.settings.environment import (
    flag,
)

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketplace.rest.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["marketplace.rest.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "marketplace.rest.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["marketplace.rest.filters.Filters"],
    "DEFAULT_SCHEMA_CLASS": "marketplace.rest.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": [
        "marketplace.rest.throttles.PerAddress",
        "marketplace.rest.throttles.PerAccount",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "600/min"},
    "NUM_PROXIES": 1 if flag("BEHIND_PROXY", False) else 0,  # else a made-up X-Forwarded-For escapes the throttle
    "EXCEPTION_HANDLER": "marketplace.rest.problems.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Entrepôt",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.Order.Status",
        "ListingStatus": "listings.models.Listing.Status",
        "DisputeKind": "orders.models.Dispute.Kind",
        "PayoutMethodKind": "payments.models.PayoutMethod.Kind",
        "ReturnPayer": "orders.models.Return.Payer",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "marketplace.rest.schema.finish",
    ],
}
