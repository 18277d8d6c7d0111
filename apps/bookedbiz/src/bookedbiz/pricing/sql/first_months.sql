-- When did each bill code's customer first bring revenue?
WITH first AS MATERIALIZED (
    SELECT bill_code_id, min(month) AS month
    FROM booked
    WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
    GROUP BY bill_code_id
)
SELECT buyer.bill_code_id AS bill_code_id, min(first.month) OVER (PARTITION BY buyer.customer_id) AS month
FROM first
JOIN buyer ON buyer.bill_code_id = first.bill_code_id
