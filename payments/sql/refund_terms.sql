-- What was agreed on refunds before paying is never changed.
CREATE FUNCTION refund_terms_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the terms of payment % were agreed before it was paid', NEW.id USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refund_terms_fixed BEFORE UPDATE OF refund_terms, coin_window_hours ON payments_payment FOR EACH ROW
  WHEN ((OLD.refund_terms, OLD.coin_window_hours) IS DISTINCT FROM (NEW.refund_terms, NEW.coin_window_hours))
  EXECUTE FUNCTION refund_terms_fixed();
-- What goes back never exceeds what came in, refunds on their way counted. A captured coin may have missed its tolerance.
CREATE OR REPLACE FUNCTION refund_within_received() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE paid record; back bigint; BEGIN
  SELECT CASE state WHEN 'captured' THEN greatest(received_minor, amount_minor) ELSE received_minor END AS received_minor, currency
    INTO paid FROM payments_payment WHERE id = NEW.payment_id FOR UPDATE;
  IF paid.currency <> NEW.currency THEN
    RAISE EXCEPTION 'payment % was in %, a refund in % is not of it', NEW.payment_id, paid.currency, NEW.currency USING ERRCODE = 'check_violation'; END IF;
  SELECT coalesce(sum(amount_minor), 0) INTO back FROM payments_refund WHERE payment_id = NEW.payment_id AND state <> 'failed';
  IF back > paid.received_minor THEN
    RAISE EXCEPTION 'refunds of payment % would be % of % received', NEW.payment_id, back, paid.received_minor USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL; END $$;
-- No line of a payment goes back more than once: neither what the buyer paid for it, nor what it became, nor its value.
CREATE OR REPLACE FUNCTION refund_line_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whole record; gone record; BEGIN
  SELECT target_minor, pay_minor, value_minor, payment_id INTO whole FROM payments_paymentline WHERE id = NEW.line_id FOR UPDATE;
  IF whole.payment_id <> (SELECT payment_id FROM payments_refund WHERE id = NEW.refund_id) THEN
    RAISE EXCEPTION 'refund % is not of the payment of line %', NEW.refund_id, NEW.line_id USING ERRCODE = 'check_violation'; END IF;
  SELECT coalesce(sum(target_minor), 0) AS target, coalesce(sum(pay_minor), 0) AS pay, coalesce(sum(value_minor), 0) AS value INTO gone FROM payments_refundline WHERE line_id = NEW.line_id;
  IF gone.target > whole.target_minor OR gone.pay > whole.pay_minor THEN
    RAISE EXCEPTION 'refunds of line % would be % of %', NEW.line_id, gone.pay, whole.pay_minor USING ERRCODE = 'check_violation'; END IF;
  IF gone.value > whole.value_minor THEN
    RAISE EXCEPTION 'refunds of line % would be worth % of %', NEW.line_id, gone.value, whole.value_minor USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL; END $$;
