-- What was said stays said, and a decided case takes nothing more. When the years of books are over the person is erased from
-- the order (orders.leaving), and only then may the words and pictures go: the address of the checkout says so.
CREATE FUNCTION order_is_erased(bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT c.email LIKE 'erased-%@invalid' FROM orders_order o JOIN orders_checkout c ON c.id = o.checkout_id WHERE o.id = $1 $$;

CREATE FUNCTION said_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its_order bigint; BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'orders_message' THEN
    SELECT order_id INTO its_order FROM orders_thread WHERE id = OLD.thread_id;
  ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'orders_messagepicture' THEN
    SELECT t.order_id INTO its_order FROM orders_message m JOIN orders_thread t ON t.id = m.thread_id WHERE m.id = OLD.message_id;
  END IF;
  IF its_order IS NOT NULL AND order_is_erased(its_order) THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% is append-only: what was said stays said', TG_TABLE_NAME USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON orders_message FOR EACH ROW EXECUTE FUNCTION said_stays();
CREATE TRIGGER picture_stays BEFORE UPDATE OR DELETE ON orders_messagepicture FOR EACH ROW EXECUTE FUNCTION said_stays();
CREATE TRIGGER dispute_stays BEFORE DELETE ON orders_dispute FOR EACH ROW EXECUTE FUNCTION said_stays();
CREATE TRIGGER offer_stays BEFORE DELETE ON orders_disputeoffer FOR EACH ROW EXECUTE FUNCTION said_stays();

-- The dispute's row is locked, so that a decision and a last word never pass each other.
CREATE FUNCTION case_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE its_case bigint; decided timestamptz; BEGIN
  IF TG_TABLE_NAME = 'orders_messagepicture' THEN
    SELECT dispute_id INTO its_case FROM orders_message WHERE id = NEW.message_id;
  ELSE its_case := NEW.dispute_id; END IF;
  IF its_case IS NULL THEN RETURN NEW; END IF;
  SELECT decided_at INTO decided FROM orders_dispute WHERE id = its_case FOR NO KEY UPDATE;
  IF decided IS NOT NULL THEN
    RAISE EXCEPTION 'case % is decided: nothing is added', its_case USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER message_to_open_case BEFORE INSERT ON orders_message FOR EACH ROW EXECUTE FUNCTION case_is_open();
CREATE TRIGGER picture_to_open_case BEFORE INSERT ON orders_messagepicture FOR EACH ROW EXECUTE FUNCTION case_is_open();
CREATE TRIGGER offer_in_open_case BEFORE INSERT ON orders_disputeoffer FOR EACH ROW EXECUTE FUNCTION case_is_open();

CREATE FUNCTION case_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.reason, NEW.answer, NEW.decision_reason) = ('', '', '') AND order_is_erased(OLD.order_id) THEN
    NEW.reason := OLD.reason; NEW.answer := OLD.answer; NEW.decision_reason := OLD.decision_reason;  -- compared without them
    IF NEW IS DISTINCT FROM OLD THEN RAISE EXCEPTION 'case % loses its words alone', OLD.id USING ERRCODE = 'check_violation'; END IF;
    NEW.reason := ''; NEW.answer := ''; NEW.decision_reason := '';
    RETURN NEW; END IF;
  IF (OLD.order_id, OLD.kind, OLD.reason, OLD.opened_at) IS DISTINCT FROM (NEW.order_id, NEW.kind, NEW.reason, NEW.opened_at)
     OR (OLD.answered_at IS NOT NULL AND (OLD.answer, OLD.answered_at) IS DISTINCT FROM (NEW.answer, NEW.answered_at))
     OR (OLD.decided_at IS NOT NULL AND OLD IS DISTINCT FROM NEW) THEN
    RAISE EXCEPTION 'case % keeps what was said and decided', OLD.id USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER case_stays BEFORE UPDATE ON orders_dispute FOR EACH ROW EXECUTE FUNCTION case_stays();

CREATE FUNCTION offer_stays_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.dispute_id, OLD.back_minor, OLD.currency, OLD.by_id, OLD.made_at)
     IS DISTINCT FROM (NEW.dispute_id, NEW.back_minor, NEW.currency, NEW.by_id, NEW.made_at)
     OR (OLD.ended_at IS NOT NULL AND OLD IS DISTINCT FROM NEW) THEN
    RAISE EXCEPTION 'offer % stays as it was made and ended', OLD.id USING ERRCODE = 'check_violation'; END IF;
  RETURN NEW; END $$;
CREATE TRIGGER offer_stays_said BEFORE UPDATE ON orders_disputeoffer FOR EACH ROW EXECUTE FUNCTION offer_stays_said();
