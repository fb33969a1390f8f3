"""pain.002 used: what the bank rejects is payable again; what it takes stays sent, and so does what it has twice."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from fx.money import total
from marketplace.models import User
from payments.cases import open_case
from payments.iso20022 import Answer, BadFile, Report
from payments.iso20022.reasons import in_words
from payments.models import BankFile, BankLine, BankMessage, Case, Payout
from payments.payouts.life import mark_failed
from payments.payouts.pain001 import blocks

State, Meaning = Payout.State, BankLine.Meaning


def use(message: BankMessage, report: Report, *, by: User) -> None:
    file = BankFile.objects.filter(message_id=report.about).first()
    if file is None:
        raise BadFile(
            _("No bank file of ours is %(id)s. Is the answer another customer's?") % {"id": report.about[:40]}
        )
    payouts = {row.pk.hex: row for row in file.payouts.select_for_update(of=("self",)).order_by("pk")}
    _agrees(report, file, payouts)
    for number, (payout, answer) in enumerate(_each(report, file, payouts), start=1):
        _use(message, number, payout, answer, by)


def _agrees(report: Report, file: BankFile, payouts: dict[str, Payout]) -> None:
    """The bank speaks of as many transfers and as much money as are in our file."""
    if report.count not in {"", str(len(payouts))}:
        raise BadFile(
            _("The bank counts %(told)s transfers in %(id)s, we %(ours)s.")
            % {"told": report.count[:20], "id": file, "ours": len(payouts)}
        )
    summed = total((payout.amount for payout in payouts.values()), file.currency)
    if report.total and _decimal(report.total) != summed.decimal:
        raise BadFile(
            _("The bank sums %(id)s up to %(told)s, we to %(ours)s.")
            % {"told": report.total[:30], "id": file, "ours": summed}
        )


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _each(report: Report, file: BankFile, payouts: dict[str, Payout]) -> Iterable[tuple[Payout, Answer]]:
    """What is said about each payout: about itself, else about its block, else about the whole file."""
    own = blocks(file.xml)
    said = {answer.reference: answer for answer in report.answers if answer.reference}
    of_block = {answer.block: answer for answer in report.answers if not answer.reference}
    for name in [*(set(said) - set(payouts)), *(set(of_block) - set(own))]:
        raise BadFile(_("No payout in %(id)s is %(ref)s.") % {"id": file, "ref": name[:40]})
    block_of = {reference: of_block.get(name) for name, references in own.items() for reference in references}
    speaks_for_all = report.whole.rejected or not report.answers
    for reference, payout in payouts.items():
        answer = said.get(reference) or block_of.get(reference) or (report.whole if speaks_for_all else None)
        if answer is not None and answer.status not in {"", "PART"}:
            yield payout, answer


def _use(message: BankMessage, number: int, payout: Payout, answer: Answer, by: User) -> None:
    why = in_words(answer.code, answer.text) if answer.rejected else answer.status
    meaning = _follow(payout, answer, why, by)
    BankLine.objects.create(
        message=message,
        number=number,
        meaning=meaning,
        currency=payout.currency,
        amount_minor=-payout.amount_minor,
        end_to_end=payout.pk.hex,
        text=why,
        payout=payout,
    )


def _follow(payout: Payout, answer: Answer, why: str, by: User) -> BankLine.Meaning:
    """A rejection fails what was sent; what it contradicts is for a person, and so is a copy of what the bank has."""
    if answer.duplicate:
        if payout.state != State.PAID:
            open_case(Case.Kind.CONTRADICTION, processor="bank", ref=f"duplicate {payout.file}", rejected=why)
        return Meaning.DUPLICATE
    expected = (State.SENT, State.FAILED) if answer.rejected else (State.SENT, State.PAID)
    if payout.state not in expected:
        open_case(Case.Kind.CONTRADICTION, processor="bank", ref=str(payout.pk), bank=why, state=payout.state)
    elif answer.rejected and payout.state == State.SENT:
        mark_failed(payout, by=by, problem=why)
    return Meaning.REJECTED if answer.rejected else Meaning.TAKEN
