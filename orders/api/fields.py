"""What several operations on orders read: pieces of lines, a number of a carrier."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from marketplace.rest.fields import Input, Text, Whole
from orders.tracking import s10


class PieceIn(Input):
    line = Whole(min_value=1, max_value=2**63 - 1, help_text="The `id` of a line of the order.")
    quantity = Whole(min_value=1, max_value=100_000)


class Pieces(serializers.ListField):
    """How many of which lines; read as a dict from line to quantity. A line is named once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=PieceIn(), max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        pieces = super().to_internal_value(data)
        found = {one["line"]: one["quantity"] for one in pieces}
        if len(found) != len(pieces):
            raise serializers.ValidationError(_("A line is named twice. Name each once, with all of its pieces."))
        return found


class TrackingNumber(Text):
    """5 to 40 letters, digits and dashes; blanks are taken out. A number of a post has its check digit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        number = super().to_internal_value(data).replace(" ", "").upper()
        if number and not (number.isascii() and number.replace("-", "").isalnum() and len(number) >= 5):
            raise serializers.ValidationError(_("5 to 40 letters and digits, as on the receipt of the post office."))
        if wrong := s10.fault(number):
            raise serializers.ValidationError(wrong)
        return number
