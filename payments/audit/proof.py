"""The hash chain: the database computes it again from the journals, as payments/proof/lines.py does."""

from __future__ import annotations

from marketplace.lib.audit import OF_FEW, Check

GENESIS = "repeat('0', 64)"


def _part(text: str) -> str:
    return f"octet_length({text}) || ':' || {text} || ','"


def _hashed(*texts: str) -> str:
    joined = " || ".join(_part(f"({text})") for text in texts)
    return f"encode(sha256(convert_to({joined}, 'UTF8')), 'hex')"


AT = "to_char(j.occurred_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
COMMITTED = _hashed("m.salt", "a.code", "e.amount::text", "e.currency")
# The netstrings of all entries, after those of the head: one text, hashed as a whole.
LEAF = (
    f"encode(sha256(convert_to({' || '.join(_part(f'({text})') for text in ('j.key', 'j.kind', 'j.ref', AT))}"
    f" || string_agg({_part(f'({COMMITTED})')}, '' order by e.line), 'UTF8')), 'hex')"
)
# Hashes are too dear for every journal every night: the latest, and a part of all others by the day, once in a quarter.
LOOKED_AT = (
    "(select l.* from (select generate_series(greatest(top - 1999, 1), top) at from"
    " (select max(position) top from payments_chainlink) t union"
    " select generate_series(extract(doy from now())::bigint % 91, (select max(position) from payments_chainlink), 91))"
    " looked cross join lateral (select * from payments_chainlink where position = looked.at offset 0) l)"
)
LAST = "(select max(journal_id) from payments_chainlink)"
# Lateral: the salt of an entry is computed once, not once for each time that a netstring names it.
CHANGED = (
    f"with l as materialized {LOOKED_AT}"
    f" select l.position::text from l left join (select j.id, {LEAF} leaf from l"
    " cross join lateral (select * from ledger_journal where id = l.journal_id offset 0) j"
    f" {OF_FEW} join ledger_account a on a.id = e.account_id"
    f" cross join lateral (select {_hashed('l.salt', 'e.line::text')} salt offset 0) m"
    " group by j.id, j.key, j.kind, j.ref, j.occurred_at) t"
    " on t.id = l.journal_id where t.leaf is distinct from l.leaf"
)

CHECKS = (
    Check(
        "T01",
        "S1",
        "A journal is what it was when it was chained: the latest two thousand, and each day another 91st of all.",
        CHANGED,
    ),
    Check(
        "T05",
        "S1",
        "No link of the chain is missing; those that T01 looks at follow the ones before, and their hashes lead on.",
        "select 'links from ' || min(position) || ' to ' || max(position) from payments_chainlink"
        " having (min(position), max(position)) <> (1, count(*))"
        f" union all select l.position::text from {LOOKED_AT} l left join lateral (select * from payments_chainlink"
        " where position = l.position - 1 offset 0) b on true where b.journal_id >= l.journal_id"
        f" or {_hashed('coalesce(b.digest, ' + GENESIS + ')', 'l.leaf')} <> l.digest",
    ),
    Check(
        "T08",
        "S2",
        "The chain stands still for no longer than a day: no older journal waits for its link.",
        "select key from ledger_journal where created_at < now() - interval '1 day'"
        " and id > (select coalesce(max(journal_id), 0) from payments_chainlink)",
    ),
    Check(  # without PROOF_KEY nothing is ever signed
        "T09",
        "S2",
        "Once heads are signed, the latest is not older than two days.",
        "select max(day)::text from payments_chainhead having max(day) < (now() at time zone 'UTC')::date - 2",
    ),
    Check(
        "T06",
        "S1",
        "The chain passed over no journal.",
        # Counted first, since a link is of one journal and a journal in one link: which, only where some are missing.
        f"select j.key from ledger_journal j where (select count(*) from ledger_journal where id <= {LAST})"
        f" <> (select count(*) from payments_chainlink) and j.id < {LAST}"
        " and not exists (select 1 from payments_chainlink l where l.journal_id = j.id)",
    ),
    Check(
        "T07",
        "S1",
        "A signed head is a link of the chain, and follows the head before.",
        f"select h.day::text from (select *, lag(digest, 1, {GENESIS}) over w b, lag(position, 1, 0::bigint) over w p"
        " from payments_chainhead window w as (order by day)) h"
        " left join payments_chainlink l on l.position = h.position"
        " where l.digest is distinct from h.digest or h.before <> h.b or h.position < h.p"
        " or h.signature !~ '^[0-9a-f]{128}$' or h.key !~ '^[0-9a-f]{64}$'",
    ),
)
