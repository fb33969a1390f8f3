DROP FUNCTION ledger_post(text, text, text, timestamptz, bigint[], bigint[]);
DROP TABLE ledger_entry, ledger_journal, ledger_balance, ledger_account;
DROP FUNCTION ledger_append_only();
DROP FUNCTION ledger_entry_apply();
DROP FUNCTION ledger_account_open();
