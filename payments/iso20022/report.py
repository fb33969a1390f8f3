"""pain.002: what became of a file of ours: as a whole, of each of its blocks, and of each transfer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from payments.iso20022.reading import BadFile, Node
from payments.iso20022.reasons import DUPLICATES

REJECTED = "RJCT"
TAKEN = {"ACCP", "ACSP", "ACSC", "ACTC", "ACWC", "ACCC", "RCVD", "PDNG"}
STATUSES = TAKEN | {REJECTED}
GROUP = STATUSES | {"PART"}


@dataclass(frozen=True, slots=True)
class Answer:
    """About the transfer `reference`, or else all of `block`. `code` and `text` are why it was rejected."""

    reference: str
    status: str
    code: str = ""
    text: str = ""
    block: str = ""

    @property
    def rejected(self) -> bool:
        return self.status == REJECTED

    @property
    def duplicate(self) -> bool:
        """What is rejected is a second copy of what the bank has."""
        return self.rejected and self.code in DUPLICATES


@dataclass(frozen=True, slots=True)
class Report:
    """About the file `about`. `whole` has no reference; `count` and `total` are the bank's, "" when not said."""

    kind = "pain.002"
    message_id: str
    about: str
    whole: Answer
    answers: tuple[Answer, ...]
    count: str = ""
    total: str = ""


def read_report(node: Node) -> Report:
    group = node.one("OrgnlGrpInfAndSts")
    original = group.text("OrgnlMsgNmId")
    if not original.startswith("pain.001"):
        raise group.one("OrgnlMsgNmId").odd(original, "pain.001")
    whole = _answer(group, "", "GrpSts", GROUP)
    answers = tuple(answer for info in node.all("OrgnlPmtInfAndSts") for answer in _transfers(info))
    if not (whole.status or answers):
        raise BadFile(_("%(path)s has no status. Ask the bank for a complete file.") % {"path": node.path})
    _agrees(whole, answers)
    return Report(
        message_id=node.text("GrpHdr", "MsgId"),
        about=group.text("OrgnlMsgId"),
        whole=whole,
        answers=answers,
        count=group.said("OrgnlNbOfTxs"),
        total=group.said("OrgnlCtrlSum"),
    )


def _transfers(info: Node) -> list[Answer]:
    """One answer per transfer that is named, and one without a reference for the others of the block."""
    block = info.text("OrgnlPmtInfId")
    found = [_answer(one, one.text("OrgnlEndToEndId"), "TxSts", STATUSES) for one in info.all("TxInfAndSts")]
    whole = replace(_answer(info, "", "PmtInfSts", GROUP), block=block)
    if whole.status == REJECTED and any(not answer.rejected for answer in found):
        raise info.one("PmtInfSts").odd(whole.status, "PART")
    return [*found, whole] if whole.rejected or (whole.status and not found) else found


def _answer(node: Node, reference: str, tag: str, choices: set[str]) -> Answer:
    status = node.among(choices, tag) if reference or node.maybe(tag) else ""
    reasons = node.all("StsRsnInf")
    codes = [code.text() for reason in reasons for code in reason.all("Rsn", "Cd") + reason.all("Rsn", "Prtry")]
    texts = [text.text() for reason in reasons for text in reason.all("AddtlInf")]
    return Answer(reference, status, codes[0][:35] if codes else "", " ".join(texts)[:200])


def _agrees(whole: Answer, answers: tuple[Answer, ...]) -> None:
    named = [answer.reference or answer.block for answer in answers]
    if len(named) != len(set(named)):
        twice = next(name for name in named if named.count(name) > 1)
        raise BadFile(_("%(ref)s is answered twice. Ask the bank which answer holds.") % {"ref": twice})
    if whole.rejected and any(not answer.rejected for answer in answers):
        raise BadFile(_("The whole file is rejected, but not each transfer. Ask the bank which holds."))
    if whole.status in TAKEN and any(answer.rejected for answer in answers):
        raise BadFile(_("The whole file is taken, but not each transfer. Ask the bank which holds."))
