"""Payments in Bitcoin without a middleman.

addresses   the operator's public key -> an address per payment (embit); refuses private keys
invoice     what a payment asks for and what receipts mean for it: pure
book        invoices in the database: `Bitcoin.create` asks it for its payment's address, nobody else allocates
source      the protocol of a source of truth and one consistent look at it; core, esplora and demo speak it
watch       look at what is due, store receipts, say what is new; `payments.machine.apply` decides what it does
playmoney   test coins for the demo: from the play chain or mined on a regtest node

A payment's life: `Bitcoin.create` reads the tip, gets the next address, makes the source watch it, and only then
shows it. `watch.poll` reads the *present* receipts of every watched address, so what was replaced, spent twice
or reorganised away is simply gone. Funds seen before expiry are waited for until the monitoring ends.
"""

from __future__ import annotations
