"""pain.002 used: what the bank rejects is payable again; what it takes stays sent."""

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
from payments.payouts import mark_failed

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
    """What is said about each payout. What is said about all holds for those that nothing is said about."""
    said = {answer.reference: answer for answer in report.answers}
    for reference in said:
        if reference and reference not in payouts:
            raise BadFile(_("No payout in %(id)s is %(ref)s.") % {"id": file, "ref": reference[:40]})
    everybody = said.get("") or (report.whole if report.whole.status and not said else None)
    if report.whole.rejected:
        everybody = everybody or report.whole
    for reference, payout in payouts.items():
        answer = said.get(reference) or everybody
        if answer is not None and answer.status != "PART":
            yield payout, answer


def _use(message: BankMessage, number: int, payout: Payout, answer: Answer, by: User) -> None:
    why = in_words(answer.code, answer.text) if answer.rejected else answer.status
    if answer.rejected and payout.state == State.SENT:
        mark_failed(payout, by=by, problem=why)
    elif answer.rejected and payout.state != State.FAILED:
        open_case(Case.Kind.CONTRADICTION, processor="bank", ref=str(payout.pk), rejected=why, state=payout.state)
    BankLine.objects.create(
        message=message,
        number=number,
        meaning=Meaning.REJECTED if answer.rejected else Meaning.TAKEN,
        currency=payout.currency,
        amount_minor=-payout.amount_minor,
        end_to_end=payout.pk.hex,
        text=why,
        payout=payout,
    )
