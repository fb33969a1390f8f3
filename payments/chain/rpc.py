"""Bitcoin Core's JSON-RPC."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from payments.chain.http import Answer, exchange, split
from payments.processors.base import Refused, Unavailable

WARMING_UP, NO_WALLET, ALREADY_LOADED = -28, -18, -35


class RpcError(Refused):
    """The node understood and said no; `code` is its number (-18: no such wallet, -5: no such transaction)."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"The Bitcoin node refused {method}: {message} (code {code}).")
        self.code = code


class Rpc:
    """`url` is http://user:password@host:port. Numbers with a point arrive as Decimal, never as float."""

    def __init__(self, url: str, *, timeout: float = 10) -> None:
        self.server = split(url, "BITCOIN_URL")
        login = f"{unquote(self.server.username or '')}:{unquote(self.server.password or '')}"
        self.headers = {
            "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
            "Content-Type": "application/json",
        }
        self.timeout = timeout

    def call(self, method: str, *params: Any, wallet: str | None = None, timeout: float | None = None) -> Any:
        """The result; RpcError for the node's no, Unavailable when it cannot be asked now."""
        request = {"jsonrpc": "1.0", "id": 0, "method": method, "params": params}
        return _result(method, self._send(request, wallet, timeout))

    def named(self, method: str, params: Mapping[str, Any], *, wallet: str | None = None) -> Any:
        """The same with parameters by name."""
        request = {"jsonrpc": "1.0", "id": 0, "method": method, "params": params}
        return _result(method, self._send(request, wallet, None))

    def batch(self, method: str, many: Sequence[Sequence[Any]]) -> list[Any]:
        """The results for each of `many` parameter lists in their order; an RpcError stands for a no."""
        if not many:
            return []
        requests = [{"jsonrpc": "1.0", "id": n, "method": method, "params": p} for n, p in enumerate(many)]
        answers = self._send(requests, None, None)
        if not isinstance(answers, list) or len(answers) != len(many):
            raise Unavailable("The Bitcoin node answered a batch incompletely. It will be asked again.")
        return [_result_or_error(method, answer) for answer in sorted(answers, key=lambda a: a["id"])]

    def _send(self, request: Any, wallet: str | None, timeout: float | None) -> Any:
        path = "/" if wallet is None else f"/wallet/{quote(wallet, safe='')}"
        answer = exchange(
            self.server,
            path,
            method="POST",
            body=json.dumps(request).encode(),
            headers=self.headers,
            timeout=timeout or self.timeout,
        )
        return _parsed(answer)


class Wallet:
    """A wallet on the node, loaded when it is not, made with `options` when it does not exist."""

    def __init__(self, rpc: Rpc, name: str, options: Mapping[str, Any]) -> None:
        self.rpc, self.name, self.options = rpc, name, options

    def call(self, method: str, *params: Any, timeout: float | None = None) -> Any:
        try:
            return self.rpc.call(method, *params, wallet=self.name, timeout=timeout)
        except RpcError as error:
            if error.code != NO_WALLET:
                raise
        self._open()
        return self.rpc.call(method, *params, wallet=self.name, timeout=timeout)

    def _open(self) -> None:
        try:
            self.rpc.call("loadwallet", self.name, True)
        except RpcError as error:
            if error.code == NO_WALLET:
                self._create()
            elif error.code != ALREADY_LOADED:
                raise

    def _create(self) -> None:
        options = {"load_on_startup": True, **self.options}
        try:
            self.rpc.named("createwallet", {"wallet_name": self.name, **options})
        except RpcError as error:  # another process made it at the same moment
            raise Unavailable(f"The wallet {self.name} cannot be made now: {error}") from error


def sats(amount: Decimal | int) -> int:
    """A whole number of satoshi from the node's coins."""
    scaled = Decimal(amount).scaleb(8)
    if scaled != int(scaled):
        raise Unavailable(f"The Bitcoin node named {amount} BTC, which is no whole number of satoshi.")
    return int(scaled)


def _parsed(answer: Answer) -> Any:
    if answer.status in {401, 403}:
        raise Refused(
            f"The Bitcoin node refused our login (HTTP {answer.status}). Check user and password in BITCOIN_URL."
        )
    try:
        return json.loads(answer.body, parse_float=Decimal)
    except ValueError as error:
        raise Unavailable(f"The Bitcoin node gave no JSON but HTTP {answer.status}. It will be asked again.") from error


def _result_or_error(method: str, answer: Mapping[str, Any]) -> Any:
    try:
        return _result(method, answer)
    except RpcError as error:
        return error


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict):
        raise Unavailable(f"The Bitcoin node answered {method} with something unreadable.")
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    code, message = int(error.get("code", 0)), str(error.get("message", ""))
    if code == WARMING_UP:
        raise Unavailable(f"The Bitcoin node is starting: {message}")
    raise RpcError(method, code, message)
