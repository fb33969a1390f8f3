-- One row per released order of the last year: what processor, exchange and platform took of what its buyer paid,
-- all in euro at the mid rates of its own quote. %(exponents)s: {"EUR": 2, ...}. Then medians per corridor and rail.
WITH digit AS (
  SELECT key AS currency, power(10::numeric, value::int) AS units FROM jsonb_each_text(%(exponents)s::jsonb)
), released AS (
  SELECT o.id, o.number, s.country AS seller, c.address ->> 'country_code' AS buyer, p.processor AS rail,
         p.id AS payment, p.currency, q.rate_set_id, p.fee_minor, o.currency AS own, j.id AS journal
    FROM ledger_journal j
    JOIN orders_order o ON o.number = j.ref AND o.status <> 'refunded'
    JOIN listings_shop s ON s.id = o.shop_id
    JOIN orders_checkout c ON c.id = o.checkout_id
    JOIN payments_payment p ON p.id = c.payment_id
    JOIN fx_quote q ON q.id = p.quote_id
   WHERE j.kind = 'release' AND j.occurred_at > %(since)s
), euro AS (  -- euro for one minor unit
  SELECT q.rate_set_id, d.currency, 1 / (r.per_eur * d.units) AS worth
    FROM (SELECT DISTINCT rate_set_id FROM released) q
    JOIN fx_rate r ON r.rate_set_id = q.rate_set_id
    JOIN digit d ON d.currency = r.currency
  UNION ALL
  SELECT q.rate_set_id, 'EUR', 0.01 FROM (SELECT DISTINCT rate_set_id FROM released) q
), paid AS (
  SELECT r.id, sum(l.pay_minor) AS minor FROM released r
    JOIN payments_paymentline l ON l.payment_id = r.payment AND l.ref = r.number GROUP BY r.id
), whole AS (
  SELECT l.payment_id AS payment, sum(l.pay_minor) AS minor FROM payments_paymentline l
   WHERE l.payment_id IN (SELECT payment FROM released) GROUP BY l.payment_id
), fee AS (  -- what the processor kept by the books; what it exchanged itself has told it by its statement
  SELECT p.payment, coalesce(sum(e.amount), max(p.fee_minor), 0) AS minor
    FROM (SELECT DISTINCT payment, currency, rail, fee_minor FROM released) p
    LEFT JOIN ledger_journal j ON j.key = 'fee:' || p.payment::text
    LEFT JOIN ledger_entry e ON e.journal_id = j.id AND e.currency = p.currency AND e.amount > 0
   GROUP BY p.payment
), crossing AS (
  SELECT r.id, sum(k.sell_minor * sold.worth - k.buy_minor * bought.worth) AS euros
    FROM released r
    JOIN fx_conversion k ON k.ref = r.number AND k.journal_key = 'capture:' || r.payment::text
    JOIN euro sold ON sold.rate_set_id IS NOT DISTINCT FROM r.rate_set_id AND sold.currency = k.sell_currency
    JOIN euro bought ON bought.rate_set_id IS NOT DISTINCT FROM r.rate_set_id AND bought.currency = k.buy_currency
   GROUP BY r.id
), commission AS (
  SELECT r.id, -sum(e.amount) AS minor FROM released r
    JOIN ledger_entry e ON e.journal_id = r.journal
    JOIN ledger_account a ON a.id = e.account_id AND a.code LIKE 'income:commission:%%'
   GROUP BY r.id
), netted AS (  -- what matching its conversions saves, in euro, once they are in a closed window; booked by live ones
  SELECT r.id, sum(s.saving_minor) * 0.01 AS euros, bool_and(w.mode = 'live') AS live
    FROM released r
    JOIN fx_conversion k ON k.ref = r.number AND k.journal_key = 'capture:' || r.payment::text
    JOIN fx_windowshare s ON s.conversion_id = k.id
    JOIN fx_window w ON w.id = s.window_id
   GROUP BY r.id
), taken AS (
  SELECT r.seller, r.buyer, r.rail,
         10000 * fee.minor / nullif(whole.minor, 0) AS processor,
         10000 * coalesce(crossing.euros, 0) / (paid.minor * pay.worth) AS exchange,
         CASE WHEN coalesce(commission.minor, 0) = 0 THEN 0 WHEN r.own = r.currency
              THEN 10000 * commission.minor::numeric / paid.minor
              ELSE 10000 * commission.minor * own.worth / (paid.minor * pay.worth) END AS platform,
         10000 * netted.euros / (paid.minor * pay.worth) AS netting, netted.live
    FROM released r
    JOIN paid ON paid.id = r.id AND paid.minor > 0
    JOIN whole ON whole.payment = r.payment
    JOIN fee ON fee.payment = r.payment
    LEFT JOIN euro pay ON pay.rate_set_id IS NOT DISTINCT FROM r.rate_set_id AND pay.currency = r.currency
    LEFT JOIN euro own ON own.rate_set_id IS NOT DISTINCT FROM r.rate_set_id AND own.currency = r.own
    LEFT JOIN crossing ON crossing.id = r.id
    LEFT JOIN commission ON commission.id = r.id
    LEFT JOIN netted ON netted.id = r.id
), told AS (
  SELECT seller, buyer, rail, processor, coalesce(exchange, 0) AS exchange, platform,
         processor + coalesce(exchange, 0) + platform AS bps, netting, live
    FROM taken WHERE platform IS NOT NULL
), cell AS (
  SELECT seller, buyer, rail, count(*) AS orders,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY bps) AS median,
         percentile_disc(0.9) WITHIN GROUP (ORDER BY bps) AS p90,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY processor) AS processor,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY exchange) AS exchange,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY platform) AS platform,
         CASE WHEN count(netting) >= %(fewest)s THEN percentile_disc(0.5) WITHIN GROUP (ORDER BY netting) END AS netting,
         bool_and(live) AS live
    FROM told GROUP BY seller, buyer, rail
)
INSERT INTO orders_corridorcost (seller_country, buyer_country, rail, orders, median_bps, p90_bps,
                                 processor_bps, exchange_bps, platform_bps, netting_bps, netting_live, measured_at)
SELECT seller, buyer, rail,
       CASE WHEN known THEN orders END, CASE WHEN known THEN round(median) END, CASE WHEN known THEN round(p90) END,
       CASE WHEN known THEN round(processor) END, CASE WHEN known THEN round(exchange) END,
       CASE WHEN known THEN round(platform) END, round(netting), CASE WHEN netting IS NOT NULL THEN live END, %(now)s
  FROM (SELECT *, orders >= %(fewest)s AS known FROM cell) c
