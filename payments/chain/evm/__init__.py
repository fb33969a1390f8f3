"""A token on an EVM chain, without a library of that world: a dozen JSON-RPC calls and two hashes.

addresses   the operator's public key -> an address per payment (BIP 44, EIP 55)
words       numbers, hashes and arguments as the chain writes them; whatever is written otherwise is refused
networks    names of chains and where USDC is on them
rpc, node   one node: its chain, its latest and its final block, how old its news is
token       one contract: who sent what to whom, who has how much
source      receipts: what a token's events say, and what of it counts
play        the demo's token on a developer's chain: put there where it is missing, made for who asks
sent        whether a transaction that a person made did send what it should
"""

from __future__ import annotations
