-- What was chained and signed stays as it was.
CREATE FUNCTION proof_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER proof_link_stays BEFORE UPDATE OR DELETE ON payments_chainlink FOR EACH STATEMENT EXECUTE FUNCTION proof_stays();
CREATE TRIGGER proof_head_stays BEFORE UPDATE OR DELETE ON payments_chainhead FOR EACH STATEMENT EXECUTE FUNCTION proof_stays();
