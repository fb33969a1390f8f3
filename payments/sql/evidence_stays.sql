-- What was sent to a bank stays as it was sent. When the years of books are over the document may go, and its digest stays.
CREATE FUNCTION evidence_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.sent_at IS NULL THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'evidence % was sent and stays', OLD.id USING ERRCODE = 'check_violation'; END IF;
  IF (OLD.id, OLD.chargeback_id, OLD.sha256, OLD.pages, OLD.made_at, OLD.made_by_id)
     IS DISTINCT FROM (NEW.id, NEW.chargeback_id, NEW.sha256, NEW.pages, NEW.made_at, NEW.made_by_id)
     OR (OLD.sent_at IS NOT NULL AND (OLD.sent_at, OLD.sent_by_id) IS DISTINCT FROM (NEW.sent_at, NEW.sent_by_id))
     OR (OLD.refused <> '' AND OLD.refused <> NEW.refused)
     OR ((OLD.pdf, OLD.facts) IS DISTINCT FROM (NEW.pdf, NEW.facts) AND NOT (NEW.pdf = '' AND NEW.facts = '{}'
         AND EXISTS (SELECT 1 FROM payments_chargeback c WHERE c.id = OLD.chargeback_id AND c.settled_at IS NOT NULL))) THEN
    RAISE EXCEPTION 'evidence % stays as it was made and sent', OLD.id USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER evidence_stays BEFORE UPDATE OR DELETE ON payments_evidencepack FOR EACH ROW EXECUTE FUNCTION evidence_stays();
