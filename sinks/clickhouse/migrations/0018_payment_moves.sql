-- What each change of a payment's standing moved between the world and the customer: money in is positive. A deposit is
-- in when it was captured, a withdrawal is out when it was paid and in again when it was returned.
CREATE VIEW payment_moves AS
SELECT customer_id, payment_id, version, kind, status, currency, at,
       lies - lagInFrame(lies, 1, 0) OVER w AS amount_minor
FROM (
    SELECT customer_id, payment_id, version, kind, status, currency, occurred_at AS at,
           multiIf(status = 'CAPTURED', amount_minor, status = 'PAID', -amount_minor, 0) AS lies
    FROM payments FINAL ORDER BY _offset LIMIT 1 BY customer_id, payment_id, version
)
WINDOW w AS (PARTITION BY customer_id, payment_id ORDER BY version ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
