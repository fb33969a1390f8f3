"""Bitcoin Core's JSON-RPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import quote

from payments.chain.jsonrpc import JsonRpc
from payments.processors.base import ProcessorError, Refused, Unavailable

WARMING_UP, NO_WALLET, ALREADY_LOADED = -28, -18, -35
# What the node says while it starts, and while a wallet is being made, opened or rescanned, by another process too.
BUSY = {WARMING_UP, -4, -1}


class RpcError(Refused):
    """The node understood and said no; `code` is its number (-18: no such wallet, -5: no such transaction)."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"The Bitcoin node refused {method}: {message} (code {code}).")
        self.code = code


class Rpc(JsonRpc):
    node: ClassVar[str] = "Bitcoin node"
    setting: ClassVar[str] = "BITCOIN_URL"
    version: ClassVar[str] = "1.0"

    def refusal(self, method: str, code: int, message: str) -> ProcessorError:
        if code in BUSY:
            return Unavailable(
                f"The Bitcoin node cannot {method} now: {message} (code {code}). It will be asked again."
            )
        return RpcError(method, code, message)

    def call(self, method: str, *params: Any, wallet: str | None = None, timeout: float | None = None) -> Any:
        """The result; RpcError for the node's no, Unavailable when it cannot be asked now."""
        return self.ask(method, params, path=_path(wallet), timeout=timeout)

    def named(self, method: str, params: Mapping[str, Any], *, wallet: str | None = None) -> Any:
        """The same with parameters by name."""
        return self.ask(method, params, path=_path(wallet))

    def batch(self, method: str, many: Sequence[Sequence[Any]]) -> list[Any]:
        """The results for each of `many` parameter lists in their order; an RpcError stands for a no."""
        answers = self.ask_all([(method, params) for params in many])
        for answer in answers:
            if isinstance(answer, ProcessorError) and not isinstance(answer, RpcError):
                raise answer
        return answers


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


def _path(wallet: str | None) -> str:
    return "/" if wallet is None else f"/wallet/{quote(wallet, safe='')}"
