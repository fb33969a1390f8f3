"""What the platform's bank sends, used: each file once, in one transaction, every line booked."""

from __future__ import annotations

from payments.bankin.assigning import explain_line
from payments.bankin.messages import receive_message

__all__ = ["explain_line", "receive_message"]
