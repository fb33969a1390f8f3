DROP TRIGGER message_stays ON orders_message; DROP TRIGGER picture_stays ON orders_messagepicture;
DROP TRIGGER dispute_stays ON orders_dispute; DROP TRIGGER offer_stays ON orders_disputeoffer;
DROP TRIGGER message_to_open_case ON orders_message; DROP TRIGGER picture_to_open_case ON orders_messagepicture;
DROP TRIGGER offer_in_open_case ON orders_disputeoffer; DROP TRIGGER case_stays ON orders_dispute;
DROP TRIGGER offer_stays_said ON orders_disputeoffer;
DROP FUNCTION said_stays; DROP FUNCTION case_is_open; DROP FUNCTION case_stays; DROP FUNCTION offer_stays_said; DROP FUNCTION order_is_erased;
