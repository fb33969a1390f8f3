-- Disputes from before there were messages: what both said becomes their first ones.
INSERT INTO orders_thread (order_id, begun_at) SELECT d.order_id, d.opened_at FROM orders_dispute d
  WHERE NOT EXISTS (SELECT 1 FROM orders_thread t WHERE t.order_id = d.order_id);
INSERT INTO orders_message (thread_id, dispute_id, role, by_id, text, at)
  SELECT t.id, d.id, 'buyer', c.buyer_id, d.reason, d.opened_at FROM orders_dispute d JOIN orders_thread t ON t.order_id = d.order_id
  JOIN orders_order o ON o.id = d.order_id JOIN orders_checkout c ON c.id = o.checkout_id
  WHERE NOT EXISTS (SELECT 1 FROM orders_message m WHERE m.dispute_id = d.id)
  UNION ALL SELECT t.id, d.id, 'seller', s.owner_id, d.answer, d.answered_at FROM orders_dispute d JOIN orders_thread t ON t.order_id = d.order_id
  JOIN orders_order o ON o.id = d.order_id JOIN listings_shop s ON s.id = o.shop_id
  WHERE d.answered_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders_message m WHERE m.dispute_id = d.id AND m.role = 'seller');
