-- What should the summary by price say of the month whose airings are put together?
INSERT INTO temp.fresh_priced
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents), SUM(paid_net_cents),
    TOTAL(paid_squares), SUM(paid_seconds), SUM(timed_gross_cents), MIN(least_paid_cents), MAX(most_paid_cents)
FROM temp.fresh_cell
GROUP BY 1, 2, 3, 4, 5, 6, 7
