"""pain.002: what became of a file of ours, as a whole and for each transfer."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.iso20022.reading import BadFile, Node

REJECTED = "RJCT"
TAKEN = {"ACCP", "ACSP", "ACSC", "ACTC", "ACWC", "ACCC", "RCVD", "PDNG"}
STATUSES = TAKEN | {REJECTED}
GROUP = STATUSES | {"PART"}


@dataclass(frozen=True, slots=True)
class Answer:
    """About the transfer `reference`. `status` is ISO's; `code` and `text` are why it was rejected."""

    reference: str
    status: str
    code: str = ""
    text: str = ""

    @property
    def rejected(self) -> bool:
        return self.status == REJECTED


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
    """One answer per transfer; one without a reference for all of them when only the whole has a status."""
    found = [_answer(one, one.text("OrgnlEndToEndId"), "TxSts", STATUSES) for one in info.all("TxInfAndSts")]
    whole = _answer(info, "", "PmtInfSts", GROUP)
    if whole.status == REJECTED and any(not answer.rejected for answer in found):
        raise info.one("PmtInfSts").odd(whole.status, "PART")
    return found or ([whole] if whole.status else [])


def _answer(node: Node, reference: str, tag: str, choices: set[str]) -> Answer:
    status = node.among(choices, tag) if reference or node.maybe(tag) else ""
    reasons = node.all("StsRsnInf")
    codes = [code.text() for reason in reasons for code in reason.all("Rsn", "Cd") + reason.all("Rsn", "Prtry")]
    texts = [text.text() for reason in reasons for text in reason.all("AddtlInf")]
    return Answer(reference, status, codes[0][:35] if codes else "", " ".join(texts)[:200])


def _agrees(whole: Answer, answers: tuple[Answer, ...]) -> None:
    named = [answer.reference for answer in answers if answer.reference]
    if len(named) != len(set(named)):
        twice = next(name for name in named if named.count(name) > 1)
        raise BadFile(_("%(ref)s is answered twice. Ask the bank which answer holds.") % {"ref": twice})
    if whole.rejected and any(not answer.rejected for answer in answers):
        raise BadFile(_("The whole file is rejected, but not each transfer. Ask the bank which holds."))
    if whole.status in TAKEN and any(answer.rejected for answer in answers):
        raise BadFile(_("The whole file is taken, but not each transfer. Ask the bank which holds."))
