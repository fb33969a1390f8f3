"""Faults to order: the far end as it is on a bad day. Only the double has them."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

KINDS = frozenset({"slow", "rate_limit", "error", "error_after", "drop", "half", "refund_pending"})


@dataclass
class Fault:
    """The next `times` requests that match fail like this.

    slow: wait `seconds` first. rate_limit: 429, nothing done. error: a 500 that is saved under the key,
    nothing done. error_after: the same, but the work is done. drop: done, the connection breaks before the
    answer. half: it breaks in its middle. refund_pending: the refund waits for `/_double/refunds/<id>`.
    """

    kind: str
    path: str = "/v1/"
    method: str = "POST"
    times: int = 1
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Fault {self.kind!r} is none of {', '.join(sorted(KINDS))}.")


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, kind: str, method: str, path: str) -> Fault | None:
        """The first waiting fault of this kind for this request, used up once."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind == kind and fault.method == method and re.match(fault.path, path):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None
