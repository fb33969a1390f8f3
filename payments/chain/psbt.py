"""Unsigned Bitcoin transactions (BIP 174) of one account: made, and compared with what came back. Pure, no keys.

All inputs are native segwit, so the id of a transaction is fixed before it is signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embit import script
from embit.finalizer import finalize_psbt
from embit.psbt import PSBT, DerivationPath
from embit.transaction import Transaction, TransactionInput, TransactionOutput

from payments.chain.addresses import Account, script_of

REPLACEABLE = 0xFFFFFFFD  # BIP 125: the operator's wallet may raise the fee
BASE, PER_INPUT, PER_OUTPUT = 11, 68, 9  # virtual bytes; an output adds its script


class PsbtRefused(ValueError):
    """What was given is not the transaction that was made; the message says how it differs."""


@dataclass(frozen=True, slots=True)
class Coin:
    """An output of ours that is spent: at `branch/index` of the account; `raw` is the transaction that made it."""

    txid: str
    vout: int
    sat: int
    branch: int
    index: int
    raw: str = ""

    @property
    def place(self) -> tuple[str, int]:
        return self.txid, self.vout


@dataclass(frozen=True, slots=True)
class Made:
    """`psbt` in base64; the outputs are those asked for in their order, then change where there is some."""

    psbt: str
    txid: str
    fee: int
    change: int


def choose(coins: Sequence[Coin], must: Sequence[Coin], outputs: Sequence[tuple[str, int]], rate: int) -> list[Coin]:
    """`must` and the largest of `coins` that pay for `outputs` and their own fee. PsbtRefused when they do not."""
    chosen = list(must)
    rest = sorted((one for one in coins if one not in must), key=lambda one: (-one.sat, one.txid, one.vout))
    while (missing := _missing(chosen, outputs, rate)) > 0 or not chosen:
        if not rest:
            raise PsbtRefused(f"{missing} satoshi more are needed than there are in confirmed outputs of ours.")
        chosen.append(rest.pop(0))
    return chosen


def make(
    account: Account,
    chosen: Sequence[Coin],
    outputs: Sequence[tuple[str, int]],
    *,
    rate: int,
    change_index: int,
    dust: int,
) -> Made:
    """The unsigned transaction; what is left goes to the account's change at `change_index`, to miners below `dust`."""
    change_to = account.address(change_index, branch=1)
    left = -_missing(chosen, [*outputs, (change_to, 0)], rate)
    paid = [*outputs, (change_to, left)] if left >= dust else list(outputs)
    fee = sum(one.sat for one in chosen) - sum(sat for _to, sat in paid)
    tx = Transaction(
        vin=[TransactionInput(bytes.fromhex(one.txid), one.vout, sequence=REPLACEABLE) for one in chosen],
        vout=[TransactionOutput(sat, script.Script(script_of(to))) for to, sat in paid],
    )
    psbt = PSBT(tx)
    for scope, one in zip(psbt.inputs, chosen, strict=True):
        _describe(scope, account, one)
    if len(paid) > len(outputs):
        psbt.outputs[-1].bip32_derivations = _derivation(account, 1, change_index)
    return Made(psbt.to_base64(), tx.txid().hex(), fee, left if left >= dust else 0)


def _describe(scope: object, account: Account, one: Coin) -> None:
    """All that a hardware wallet asks for: the whole previous transaction, the output, the path of the key."""
    before = Transaction.from_string(one.raw)
    expected = script_of(account.address(one.index, one.branch))
    output = before.vout[one.vout] if one.vout < len(before.vout) else None
    if (
        before.txid().hex() != one.txid
        or output is None
        or (output.value, output.script_pubkey.data) != (one.sat, expected)
    ):
        raise PsbtRefused(f"The chain's source shows another transaction for {one.txid}:{one.vout} than it did before.")
    scope.non_witness_utxo, scope.witness_utxo = before, output  # type: ignore[attr-defined]
    scope.bip32_derivations = _derivation(account, one.branch, one.index)  # type: ignore[attr-defined]


def _derivation(account: Account, branch: int, index: int) -> dict[object, DerivationPath]:
    path = DerivationPath(account.fingerprint, [*account.path, branch, index])
    return {account.public_key(branch, index): path}


def _missing(chosen: Sequence[Coin], outputs: Sequence[tuple[str, int]], rate: int) -> int:
    """What `chosen` lack for the outputs and the fee at `rate`; less than nothing is left over."""
    size = BASE + PER_INPUT * len(chosen) + sum(PER_OUTPUT + len(script_of(to)) for to, _sat in outputs)
    return sum(sat for _to, sat in outputs) + size * rate - sum(one.sat for one in chosen)


@dataclass(frozen=True, slots=True)
class Shown:
    """A transaction that somebody shows: what it spends, what it pays to whom. `signed`: ready to be sent, in hex."""

    txid: str
    spends: frozenset[tuple[str, int]]
    pays: tuple[tuple[bytes, int], ...]
    signed: str = ""

    def vouts(self, outputs: Sequence[tuple[str, int]]) -> list[int] | None:
        """Which output pays each of `outputs`, every one its own; none when one is not paid exactly."""
        free = dict(enumerate(self.pays))
        found: list[int] = []
        for to, sat in outputs:
            match = next((n for n, paid in free.items() if paid == (script_of(to), sat)), None)
            if match is None:
                return None
            found.append(match)
            del free[match]
        return found


def read(text: str) -> Shown:
    """A PSBT in base64, or a transaction in hex. PsbtRefused for anything else."""
    text = "".join(text.split())
    try:
        if text[:8].lower() == "70736274":
            return _of_psbt(PSBT.parse(bytes.fromhex(text)))
        if text.startswith("cHNid"):
            return _of_psbt(PSBT.from_base64(text))
        return _of(Transaction.from_string(text), signed=text)
    except Exception as error:  # embit raises many kinds, all mean the same
        raise PsbtRefused("This is neither a PSBT in base64 nor a transaction in hexadecimal digits.") from error


def _of_psbt(psbt: PSBT) -> Shown:
    final = finalize_psbt(psbt)
    return _of(final or psbt.tx, signed=final.to_string() if final is not None else "")


def _of(tx: Transaction, *, signed: str) -> Shown:
    return Shown(
        txid=tx.txid().hex(),
        spends=frozenset((one.txid.hex(), one.vout) for one in tx.vin),
        pays=tuple((bytes(one.script_pubkey.data), int(one.value)) for one in tx.vout),
        signed=signed,
    )
