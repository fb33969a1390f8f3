"""JSON-RPC over HTTP: the envelope. What a node's refusals mean is each kind of node's own."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import unquote

from payments.chain.http import Answer, exchange, split
from payments.processors.base import ProcessorError, Refused, Unavailable


class JsonRpc(ABC):
    """`url` is http://user:password@host:port/path. Numbers with a point arrive as Decimal, never as float."""

    node: ClassVar[str]  # what messages call it
    setting: ClassVar[str]  # where its address was configured
    version: ClassVar[str] = "2.0"

    def __init__(self, url: str, *, timeout: float = 10) -> None:
        self.server = split(url, self.setting)
        self.headers = {"Content-Type": "application/json"}
        if self.server.username:
            login = f"{unquote(self.server.username)}:{unquote(self.server.password or '')}"
            self.headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        self.timeout = timeout

    @abstractmethod
    def refusal(self, method: str, code: int, message: str) -> ProcessorError:
        """What the node's no means."""

    def ask(self, method: str, params: Any, *, path: str = "/", timeout: float | None = None) -> Any:
        """The result; the node's `refusal`, or Unavailable when it cannot be asked now, is raised."""
        return self._result(method, self._send(self._request(0, method, params), path, timeout))

    def ask_all(self, calls: Sequence[tuple[str, Any]]) -> list[Any]:
        """The results of many calls in one exchange, in their order; an error stands in its place."""
        if not calls:
            return []
        requests = [self._request(n, method, params) for n, (method, params) in enumerate(calls)]
        answers = self._send(requests, "/", None)
        if not isinstance(answers, list) or len(answers) != len(calls):
            raise Unavailable(f"The {self.node} answered a batch incompletely. It will be asked again.")
        by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [self._result_or_error(method, by_id.get(n)) for n, (method, _) in enumerate(calls)]

    def _request(self, number: int, method: str, params: Any) -> dict[str, Any]:
        return {"jsonrpc": self.version, "id": number, "method": method, "params": params}

    def _send(self, request: Any, path: str, timeout: float | None) -> Any:
        answer = exchange(
            self.server,
            path,
            method="POST",
            body=json.dumps(request).encode(),
            headers=self.headers,
            timeout=timeout or self.timeout,
        )
        return self._parsed(answer)

    def _parsed(self, answer: Answer) -> Any:
        if answer.status in {401, 403}:
            raise Refused(
                f"The {self.node} refused our login (HTTP {answer.status}). Check user and password in {self.setting}."
            )
        try:
            return json.loads(answer.body, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise Unavailable(
                f"The {self.node} gave no JSON but HTTP {answer.status}. It will be asked again."
            ) from error

    def _result_or_error(self, method: str, answer: Any) -> Any:
        try:
            return self._result(method, answer)
        except ProcessorError as error:
            return error

    def _result(self, method: str, answer: Any) -> Any:
        if not isinstance(answer, dict):
            raise Unavailable(f"The {self.node} answered {method} with something unreadable.")
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        if not isinstance(error, dict) or not isinstance(error.get("code"), int):
            raise Unavailable(f"The {self.node} answered {method} with an unreadable error.")
        raise self.refusal(method, error["code"], str(error.get("message", ""))[:300])
