"""Payments in coin without a middleman.

addresses   Bitcoin: the operator's public key -> an address per payment (embit); refuses private keys
evm         the same for a token on an EVM chain, and its source of truth
invoice     what a payment asks for and what receipts mean for it: pure
book        invoices in the database: `Coin.create` asks it for its payment's address, nobody else allocates
source      the protocol of a source of truth and one consistent look at it; core, esplora, evm and demo speak it
watch       look at what is due, store receipts, say what is new; `payments.machine.apply` decides what it does
playmoney   test coins for the demo: from the play chain or mined on a test node

A payment's life: `Coin.create` reads the tip, gets the next address, makes the source watch it, and only then
shows it. `watch.poll` reads the *present* receipts of every watched address, so what was replaced, spent twice
or reorganised away is simply gone. Funds seen before expiry are waited for until the monitoring ends.
"""

from __future__ import annotations
