-- Numbers without gaps: a series goes up by one at a time, each number is a paper's at commit, and a paper stays as it was issued.
CREATE FUNCTION papers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was issued stays: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER papers_stay BEFORE UPDATE OR DELETE ON payments_paper FOR EACH ROW EXECUTE FUNCTION papers_stay();
CREATE TRIGGER papers_stay BEFORE UPDATE OR DELETE ON payments_paperitem FOR EACH ROW EXECUTE FUNCTION papers_stay();

CREATE FUNCTION paper_takes_the_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_series s WHERE s.id = NEW.series_id AND s.last = NEW.seq AND s.kind = NEW.kind) THEN
    RAISE EXCEPTION 'number % is not the newest of its series', NEW.number USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER paper_takes_the_last BEFORE INSERT ON payments_paper FOR EACH ROW EXECUTE FUNCTION paper_takes_the_last();

CREATE FUNCTION series_goes_up_by_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.last = 0 THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF (NEW.id, NEW.kind, NEW.year, NEW.last) = (OLD.id, OLD.kind, OLD.year, OLD.last + 1) THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'a series starts at nothing and goes up by one' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER series_goes_up_by_one BEFORE INSERT OR UPDATE OR DELETE ON payments_series
  FOR EACH ROW EXECUTE FUNCTION series_goes_up_by_one();

CREATE FUNCTION number_is_a_papers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_paper p WHERE p.series_id = NEW.id AND p.seq = NEW.last) THEN
    RAISE EXCEPTION 'number % of series % is no paper''s', NEW.last, NEW.id USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER number_is_a_papers AFTER UPDATE ON payments_series DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION number_is_a_papers();
