-- Many journals at once: what ledger_post() does for each, the same keys, fingerprints and lines, but one INSERT of all entries, so that
-- the trigger works once and locks all balances in its one order. `legs` says of which journal (from 1) each leg is.
-- A key that was posted before, or is here twice, with the same legs is harmless; with others it is an error.
CREATE FUNCTION ledger_post_all(k text[], kd text[], r text[], at timestamptz, legs int[], acc bigint[], amt bigint[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE bad text; BEGIN
  SELECT k[t.d] INTO bad FROM unnest(legs, acc) t(d, i) LEFT JOIN ledger_account a ON a.id = t.i
   GROUP BY t.d HAVING count(*) < 2 OR count(a.id) <> count(*) LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'journal % needs two or more legs on open accounts', bad USING ERRCODE = 'check_violation'; END IF;

  WITH leg AS (SELECT d, i, m, row_number() OVER (PARTITION BY d ORDER BY n) AS line FROM unnest(legs, acc, amt) WITH ORDINALITY t(d, i, m, n)),
  draft AS (SELECT DISTINCT ON (key) key, kind, ref, d FROM unnest(k, kd, r) WITH ORDINALITY t(key, kind, ref, d) ORDER BY key, d),
  print AS (SELECT d, md5(array_agg(i ORDER BY line)::text || array_agg(m ORDER BY line)::text)::uuid AS fp FROM leg GROUP BY d),
  fresh AS (
    INSERT INTO ledger_journal (key, kind, ref, occurred_at, fingerprint)
    SELECT key, kind, ref, at, fp FROM draft JOIN print USING (d) ORDER BY d
    ON CONFLICT (key) DO NOTHING RETURNING id, key)
  INSERT INTO ledger_entry (journal_id, line, account_id, currency, amount)
  SELECT fresh.id, leg.line, a.id, a.currency, leg.m
    FROM fresh JOIN draft USING (key) JOIN leg USING (d) JOIN ledger_account a ON a.id = leg.i ORDER BY fresh.id, leg.line;

  SELECT j.key INTO bad
    FROM (SELECT d, md5(array_agg(i ORDER BY n)::text || array_agg(m ORDER BY n)::text)::uuid AS fp
            FROM unnest(legs, acc, amt) WITH ORDINALITY t(d, i, m, n) GROUP BY d) print
    JOIN ledger_journal j ON j.key = k[print.d] WHERE j.fingerprint <> print.fp LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'key % was used for other legs', bad USING ERRCODE = 'unique_violation'; END IF;
  RETURN ARRAY(SELECT j.id FROM unnest(k) WITH ORDINALITY t(key, d) JOIN ledger_journal j USING (key) ORDER BY d);
END $$;
