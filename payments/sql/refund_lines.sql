-- No line of a payment goes back more than once: neither what the buyer paid for it, nor what it became.
CREATE FUNCTION refund_line_within_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whole record; gone record; BEGIN
  SELECT target_minor, pay_minor, payment_id INTO whole FROM payments_paymentline WHERE id = NEW.line_id FOR UPDATE;
  IF whole.payment_id <> (SELECT payment_id FROM payments_refund WHERE id = NEW.refund_id) THEN
    RAISE EXCEPTION 'refund % is not of the payment of line %', NEW.refund_id, NEW.line_id USING ERRCODE = 'check_violation'; END IF;
  SELECT coalesce(sum(target_minor), 0) AS target, coalesce(sum(pay_minor), 0) AS pay INTO gone FROM payments_refundline WHERE line_id = NEW.line_id;
  IF gone.target > whole.target_minor OR gone.pay > whole.pay_minor THEN
    RAISE EXCEPTION 'refunds of line % would be % of %', NEW.line_id, gone.pay, whole.pay_minor USING ERRCODE = 'check_violation'; END IF;
  RETURN NULL; END $$;
CREATE TRIGGER refund_line_within_line AFTER INSERT OR UPDATE ON payments_refundline FOR EACH ROW EXECUTE FUNCTION refund_line_within_line();
