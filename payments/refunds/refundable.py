"""What of an order's payment can still go back: per component, cumulative, exact to the unit.

A refund is named in what is held for the seller (goods, shipping). Duty and tax follow in the same
proportion, and the buyer's side by cumulative rounding, so that any number of partial refunds
adds up to what was paid. A refund that failed is still owed and counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from fx.money import Money, total
from payments.errors import RefundRefused
from payments.models import Payment, PaymentLine

Parts = Mapping[str, Money]  # held component to what goes back of it, in the seller's currency


@dataclass(frozen=True, slots=True)
class Left:
    """A line of the payment, and what went back of it before."""

    line: PaymentLine
    target_gone: int
    pay_gone: int
    value_gone: int

    @property
    def is_held(self) -> bool:
        return self.line.account.startswith("hold:")

    @property
    def target(self) -> Money:
        return Money(self.line.target_minor - self.target_gone, self.line.target_currency)


@dataclass(frozen=True, slots=True)
class Take:
    """What one refund takes of a line."""

    line: PaymentLine
    target: Money
    pay: Money
    value: Money


def left(payment: Payment, ref: str) -> list[Left]:
    """The lines of the order `ref` in their order. RefundRefused when the payment paid nothing for it."""
    rows = [row for row in _left(payment) if row.line.ref == ref]
    if not any(row.line.pay_minor for row in rows):
        raise RefundRefused(_("Nothing was paid for %(ref)s.") % {"ref": ref})
    return rows


def _left(payment: Payment) -> list[Left]:
    lines = payment.lines.select_related("seller", "payment__quote").order_by("id")
    pay, value = Sum("refund_lines__pay_minor"), Sum("refund_lines__value_minor")
    found = lines.annotate(t=Sum("refund_lines__target_minor"), p=pay, v=value)
    return [Left(line, line.t or 0, line.p or 0, line.v or 0) for line in found]


def held_left(payment: Payment, ref: str) -> Parts:
    """What can still go back of goods and shipping, in the seller's currency."""
    return {row.line.component: row.target for row in left(payment, ref) if row.is_held}


def take(rows: Sequence[Left], parts: Parts | None) -> list[Take]:
    """What a refund of `parts` takes of every line; none means all that is left. Lines of nothing are left out.

    RefundRefused when a part is more than is left of it, or nothing would move.
    """
    targets = _all(rows) if parts is None else _held(rows, parts) | _following(rows, parts)
    taken = [Take(row.line, *_moved(row, targets[row.line.pk], rows, targets)) for row in rows]
    taken = [one for one in taken if one.target or one.pay]
    if any(one.pay for one in taken):
        return taken
    if parts is None:
        raise RefundRefused(_("All that was paid for %(ref)s goes back already.") % {"ref": rows[0].line.ref})
    raise RefundRefused(_("Say how much goes back: at least the smallest unit of what was paid."))


def _all(rows: Sequence[Left]) -> dict[int, int]:
    return {row.line.pk: row.target.amount for row in rows}


def _held(rows: Sequence[Left], parts: Parts) -> dict[int, int]:
    known = {row.line.component for row in rows if row.is_held}
    for component, asked in parts.items():
        if component not in known and asked:
            raise RefundRefused(_("Nothing was paid for %(what)s.") % {"what": component})
    return {row.line.pk: _asked(row, parts) for row in rows if row.is_held}


def _asked(row: Left, parts: Parts) -> int:
    asked = parts.get(row.line.component, Money(0, row.line.target_currency))
    if asked.amount < 0 or asked > row.target:  # MoneyError for another currency: the caller's mistake
        raise RefundRefused(
            _("Of %(what)s only %(left)s can still go back, not %(asked)s.")
            % {"what": row.line.component, "left": row.target, "asked": asked}
        )
    return asked.amount


def _following(rows: Sequence[Left], parts: Parts) -> dict[int, int]:
    """Duty and tax in the proportion of what is held and has gone back by then, rounded down."""
    held = [row for row in rows if row.is_held]
    whole = sum(row.line.target_minor for row in held)
    gone = sum(row.target_gone for row in held) + sum(part.amount for part in parts.values())
    return {
        row.line.pk: max(0, row.line.target_minor * gone // whole - row.target_gone) for row in rows if not row.is_held
    }


def share_of(payment: Payment, asked: Money) -> list[Take]:
    """What a bank's `asked`, in the payment's money, takes of all orders' lines, in proportion to what is left of each.

    Never more than is left. The seller's side is rounded up, short of the whole, so that later parts still add up.
    """
    rows = _left(payment)
    weights = [row.line.pay_minor - row.pay_gone for row in rows]
    taken = min(asked, Money(sum(weights), payment.currency))
    if not taken:
        return []
    shares = dict(zip((row.line.pk for row in rows), taken.split(*weights), strict=True))
    open_refs = {row.line.ref for row in rows if row.pay_gone + shares[row.line.pk].amount < row.line.pay_minor}
    found = [_taken(row, shares[row.line.pk], whole=row.line.ref not in open_refs) for row in rows]
    return [one for one in found if one.target or one.pay]


def _taken(row: Left, pay: Money, *, whole: bool) -> Take:
    """`whole`: with it all that was paid for the order is back, so that nothing of its lines stays."""
    line, gone = row.line, row.pay_gone + pay.amount
    value = line.value_minor if whole or not line.pay_minor else line.value_minor * gone // line.pay_minor
    back = Money(max(value - row.value_gone, 0), line.payment.quote.currency)
    if whole:
        return Take(line, row.target, pay, back)
    if not pay:
        return Take(line, row.target.times(0), pay, back.times(0))
    reached = line.target_minor
    if gone < line.pay_minor:
        reached = min(-(-line.target_minor * gone // line.pay_minor), line.target_minor - 1)
    return Take(line, Money(max(reached - row.target_gone, 0), line.target_currency), pay, back)


def _moved(row: Left, target: int, rows: Sequence[Left], targets: Mapping[int, int]) -> tuple[Money, Money, Money]:
    """`target` of the line and the buyer's share of it, in what was paid and in its value, by cumulative rounding."""
    line = row.line
    # Too little to be a unit of the other currency: it goes back with the last of the order.
    last = all(other.target_gone + targets[other.line.pk] == other.line.target_minor for other in rows)

    def back(whole: int, gone: int) -> int:
        if not target and row.target.amount:
            return 0
        if line.target_minor:
            return whole * (row.target_gone + target) // line.target_minor - gone
        return whole - gone if last else 0

    pay = Money(back(line.pay_minor, row.pay_gone), line.payment.currency)
    value = Money(back(line.value_minor, row.value_gone), line.payment.quote.currency)
    return Money(target, line.target_currency), pay, value


def pay_of(taken: Sequence[Take], currency: str) -> Money:
    return total((one.pay for one in taken), currency)


def owed_for(taken: Sequence[Take], payment: Payment) -> Money:
    """What a refund of this, asked for now, owes the buyer by the terms of the payment."""
    if payment.goes_back_by_value:
        return total((one.value for one in taken), payment.quote.currency)
    return pay_of(taken, payment.currency)
