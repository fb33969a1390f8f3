"""What a person did that cannot be; the message says what and the way out."""

from __future__ import annotations


class OrderRefused(Exception):
    """The message is for the person who asked, in their language; nothing was changed."""


class WrongState(OrderRefused):
    """The order is not in a state in which this can happen; somebody or a deadline was faster."""
