"""JSON-RPC of an EVM node. All that is asked only reads, so whatever goes wrong is surely not done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from payments.chain.http import Answer
from payments.chain.jsonrpc import JsonRpc
from payments.processors.base import ProcessorError, Unavailable

Call = tuple[str, Sequence[Any]]
LIMITS = frozenset({-32005, -32016, -32029, 429})  # providers' codes for too many questions
AT_ONCE = 50  # calls in one exchange; providers allow a hundred and more


class EvmError(Unavailable):
    """The node answered that it cannot: a state that it no longer has, no such method, no such block."""

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"The EVM node refused {method}: {message} (code {code}).")
        self.code = code


class EvmRpc(JsonRpc):
    node: ClassVar[str] = "EVM node"
    setting: ClassVar[str] = "ERC20_URL"

    def refusal(self, method: str, code: int, message: str) -> ProcessorError:
        if code in LIMITS or "rate limit" in message.lower():
            return Unavailable(f"The EVM node was asked too much: {message} (code {code}). It will be asked again.")
        return EvmError(method, code, message)

    def call(self, method: str, *params: Any) -> Any:
        return self.ask(method, params)

    def all(self, calls: Sequence[Call]) -> list[Any]:
        """The results of many calls in their order; the first error is raised."""
        answers = self.attempts(calls)
        for answer in answers:
            if isinstance(answer, ProcessorError):
                raise answer
        return answers

    def attempts(self, calls: Sequence[Call]) -> list[Any]:
        """The same, an EvmError in the place of what the node cannot do."""
        return list(self._attempts(calls))

    def _attempts(self, calls: Sequence[Call]) -> Iterator[Any]:
        for start in range(0, len(calls), AT_ONCE):
            for answer in self.ask_all(calls[start : start + AT_ONCE]):
                if isinstance(answer, ProcessorError) and not isinstance(answer, EvmError):
                    raise answer
                yield answer

    def _parsed(self, answer: Answer) -> Any:
        if answer.status == 429 or answer.status >= 500:
            raise Unavailable(f"The EVM node is overloaded (HTTP {answer.status}). It will be asked again.")
        return super()._parsed(answer)
