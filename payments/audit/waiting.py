"""Invariants of money that are not checked here, and why."""

from __future__ import annotations

from marketplace.lib.audit import Waiting

WAITING = (
    Waiting("F05", "A hold is settled at most once.", "There are no settlement batches: F02 and A08 say it per order."),
    Waiting("F06", "A payout statement adds up.", "Comes with payout statements; F10 holds each payout's amount."),
    Waiting("F07", "A payout statement never mixes sellers or currencies.", "Comes with payout statements."),
    Waiting("F08", "At most one live payout per statement.", "Comes with payout statements; F11 holds the sum."),
    Waiting("G02", "An event produced at most one journal.", "Events only say where to look: journals have keys, A08."),
    Waiting("G03", "No effect of an unsigned event.", "Unsigned events are never stored; a test posts them."),
    Waiting("G04", "An applied event has its effect.", "Events are followed by a fetch; B03 and B05 hold the effect."),
)
