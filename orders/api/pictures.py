"""Pictures in the body of a call."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from orders.disputes import messages
from orders.disputes.messages import PICTURES_MAX, Shot


class PictureField(serializers.CharField):
    """A JPEG, PNG, WebP or AVIF as a text in base64; it becomes our own encoding, without metadata."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return io.BytesIO(base64.b64decode(data, validate=True))
        except (binascii.Error, ValueError):
            raise serializers.ValidationError(_("Send the picture's bytes as base64.")) from None


def pictures_field() -> Any:
    return serializers.ListField(child=PictureField(), required=False, max_length=PICTURES_MAX)


def developed(data: dict[str, Any]) -> list[Shot]:
    """The pictures of a body, which is left without them."""
    return messages.develop(data.pop("pictures", []))
