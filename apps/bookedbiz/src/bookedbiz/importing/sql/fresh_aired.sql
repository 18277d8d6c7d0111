-- What should the summary by air date say of the month whose airings are put together?
INSERT INTO temp.fresh_aired
SELECT
    month, calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents),
    MIN(least_paid_cents), MAX(most_paid_cents)
FROM temp.fresh_cell
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
