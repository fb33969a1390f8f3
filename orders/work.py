"""The work that waits in rows: operations, webhooks, chains, deadlines; for Celery and `manage.py worker` alike.

Each step is a call of its own and a transaction of its own, so that one that fails holds nothing else up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from marketplace.lib.locks import singleton
from orders import deadlines, leaving, silence
from orders.corridors import measuring
from orders.disputes import chargebacks
from orders.evidence import answers as evidence
from orders.following import follow
from orders.invoices import issuing as invoices
from orders.invoices import opening
from orders.receipts import issuing as receipts
from orders.returns import coinletters
from orders.returns import life as returns
from payments import inbox, machine, services
from payments.bankin import payins
from payments.chain import watch
from payments.chargebacks import settling
from payments.netting import execution, rebates, windows
from payments.payouts import connect, failing, schedules
from payments.processors.base import Update
from payments.proof import chaining, heads
from payments.reconciliation import run as recon
from payments.refunds import looks as sendinglooks
from payments.screening import decisions as screening
from payments.sellers import reserves

log = logging.getLogger(__name__)
T = TypeVar("T")
DEADLINES_FOR = 20  # seconds of one sweep; the other work waits meanwhile


def drain_operations() -> int:
    """Run every due operation. Returns how many were tried."""
    return _each(services.due_operations(), run_operation, "operation")


def run_operation(operation_id: UUID) -> None:
    services.run_operation(operation_id, follow=follow)


def attempt(operation_id: UUID) -> None:
    """Run one operation now, for the person who waits for it; whatever goes wrong, the sweep tries again."""
    _each([operation_id], run_operation, "operation")


def drain_inbox() -> int:
    done = _each(inbox.due_events(), lambda event: inbox.process(event, follow=follow), "webhook")
    settle_chargebacks()
    return done


def settle_chargebacks() -> int:
    """What a bank has decided reaches the orders. Nobody waits for the next beat: it follows the webhooks at once."""
    return _each(settling.unsettled_ends(), chargebacks.settle_end, "chargeback")


def close_windows() -> int:
    """Netting windows whose time is over, or whose position is over a limit."""
    return len(windows.close_due_windows())


def execute_trades() -> int:
    """What live netting windows exchange by a program."""
    return _each(execution.due_trades(), execution.run_trade, "trade of a window")


def pay_rebates() -> int:
    """Of orders that were completed before their live window closed; of all others the release pays them. In sets, as
    far as `DEADLINES_FOR` suffices; each once."""
    done, refused, due = 0, set[int](), list[int]()
    end = time.monotonic() + DEADLINES_FOR
    while time.monotonic() < end and (due := rebates.due_rebates(besides=refused)):
        alone = rebates.pay_rebates(due)
        _each(alone, rebates.pay_rebate, "rebate of conversion")
        refused.update(alone)
        done += len(due)
    if not due and not refused:
        rebates.finish_windows()
    return done


def answer_banks() -> int:
    """What a bank waits for is said a day before it is too late, whether or not a person did."""
    return _each(evidence.due(), evidence.meet, "answer to a bank, chargeback")


def issue_receipts() -> int:
    """For what was paid, and anew for what came back."""
    return _each(receipts.due(), receipts.issue, "receipt of checkout")


def issue_invoices() -> int:
    """About the commission of months that are over; what was given up of one is credited."""
    _each(opening.due(), opening.open_invoices, "invoices of seller")
    done = _each(invoices.waiting(), invoices.issue, "invoice")
    return done + _each(invoices.uncredited(), invoices.issue_credit, "credit note for refund")


def meet_returns() -> int:
    return _each(returns.due(), returns.meet, "return")


def screen_payees() -> int:
    return _each(screening.waiting(), screening.ask_outside, "screening of")


def look_at_payees() -> int:
    return _each(connect.waiting(), connect.look, "payee")


def ask_for_payouts() -> int:
    return _each(schedules.due(), schedules.run, "payout schedule")


def remind_of_payouts() -> int:
    return _each(failing.due(), failing.remind, "failed payout")


def measure_corridors() -> int:
    """The public board, anew once an hour."""
    return measuring.measure() if measuring.due() else 0


def free_reserves() -> int:
    return _each(reserves.due(), reserves.free, "reserve")


def prove() -> int:
    """Journals into the hash chain, and its head signed once a day."""
    done = chaining.chain()
    heads.sign_today()
    return done


def poll_chains() -> int:
    with singleton("poll chains") as alone:
        return _each([*watch.poll(), *payins.news()], _apply, "chain update") if alone else 0


def follow_sendings() -> int:
    """What became of our own transactions on a chain."""
    return _each(sendinglooks.due(), lambda pk: sendinglooks.look(pk, follow=follow), "transaction")


def ask_for_addresses() -> int:
    """Buyers who have not said yet where their coins go."""
    return _each(coinletters.due(), coinletters.remind, "refund without an address")


def erase_old() -> int:
    leaving.forget_letters()
    return _each(leaving.due(), leaving.erase, "erasure")


def reconcile() -> int:
    """Each processor's own record against our books, once a day; what was missing here moves its orders."""
    return _each(recon.due(), lambda slug: recon.reconcile(slug, follow=follow), "reconciliation")


def meet_deadlines() -> int:
    """All that are due, as far as `DEADLINES_FOR` suffices; each once, so that a bad one keeps none waiting.

    What ends by silence does so in sets (decision 0044), all else one by one.
    """
    tried: set[str] = set()
    end = time.monotonic() + DEADLINES_FOR
    while time.monotonic() < end and (numbers := deadlines.due(besides=tried)):
        _each(silence.end(numbers), deadlines.meet, "deadline")
        tried.update(numbers)
    return len(tried)


@transaction.atomic
def _apply(found: tuple[str, Update]) -> None:
    processor, update = found
    change = machine.apply(update, processor=processor)
    if change is not None:
        follow(change)


def _each(items: Iterable[T], do: Callable[[T], object], what: str) -> int:
    done = 0
    for item in items:
        done += 1
        try:
            do(item)
        except Exception:  # one bad row must not stop the others; the row keeps its error and its next try
            log.exception("The %s %s failed; it will be tried again.", what, item)
    return done


SWEEPS: tuple[Callable[[], int], ...] = (
    drain_operations,
    drain_inbox,
    poll_chains,
    meet_deadlines,
    meet_returns,
    free_reserves,
    prove,
    ask_for_payouts,
    screen_payees,
    look_at_payees,
    remind_of_payouts,
    settle_chargebacks,
    follow_sendings,
    ask_for_addresses,
    answer_banks,
    issue_receipts,
    close_windows,
    execute_trades,
    pay_rebates,
)
# Looked at less often: what is done once a day, or is not in a hurry.
SELDOM: tuple[Callable[[], int], ...] = (reconcile, erase_old, measure_corridors, issue_invoices)
