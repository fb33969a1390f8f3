"""Doorbells: each task looks at the tables and does what is due."""

from __future__ import annotations

from celery import shared_task

from orders import work


@shared_task
def drain_operations() -> None:
    work.drain_operations()


@shared_task
def drain_inbox() -> None:
    work.drain_inbox()


@shared_task
def poll_chains() -> None:
    work.poll_chains()


@shared_task
def meet_returns() -> None:
    work.meet_returns()


@shared_task
def ask_for_payouts() -> None:
    work.ask_for_payouts()


@shared_task
def look_at_payees() -> None:
    work.look_at_payees()


@shared_task
def screen_payees() -> None:
    work.screen_payees()


@shared_task
def remind_of_payouts() -> None:
    work.remind_of_payouts()


@shared_task
def measure_corridors() -> None:
    work.measure_corridors()


@shared_task
def free_reserves() -> None:
    work.free_reserves()


@shared_task
def follow_sendings() -> None:
    work.follow_sendings()


@shared_task
def ask_for_addresses() -> None:
    work.ask_for_addresses()


@shared_task
def erase_old() -> None:
    work.erase_old()


@shared_task
def reconcile() -> None:
    work.reconcile()


@shared_task
def meet_deadlines() -> None:
    work.meet_deadlines()


@shared_task
def settle_chargebacks() -> None:
    work.settle_chargebacks()


@shared_task
def answer_banks() -> None:
    work.answer_banks()


@shared_task
def issue_receipts() -> None:
    work.issue_receipts()


@shared_task
def close_windows() -> None:
    work.close_windows()


@shared_task
def execute_trades() -> None:
    work.execute_trades()


@shared_task
def pay_rebates() -> None:
    work.pay_rebates()


@shared_task
def prove() -> None:
    work.prove()


@shared_task
def issue_invoices() -> None:
    work.issue_invoices()
