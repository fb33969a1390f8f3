-- What goes back never exceeds what came in, refunds on their way counted.
CREATE FUNCTION refund_within_received() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid record; back bigint; BEGIN
  SELECT received_minor, currency INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  IF paid.currency <> NEW.currency THEN
    RAISE EXCEPTION 'payment % was in %, a refund in % is not of it', NEW.payment_id, paid.currency, NEW.currency USING ERRCODE = 'check_violation'; END IF;
  SELECT coalesce(sum(amount_minor), 0) INTO back FROM payments_refund WHERE payment_id = NEW.payment_id AND state <> 'failed';
  IF back > paid.received_minor THEN
    RAISE EXCEPTION 'refunds of payment % would be % of % received', NEW.payment_id, back, paid.received_minor USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER refund_within_received AFTER INSERT OR UPDATE OF state, amount_minor, payment_id, currency ON payments_refund
  FOR EACH ROW WHEN (NEW.state <> 'failed') EXECUTE FUNCTION refund_within_received();
