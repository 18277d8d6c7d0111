-- What should the summary by part of the day say of the month whose airings are put together?
INSERT INTO temp.fresh_parted
SELECT
    month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type,
    SUM(spots), SUM(gross_cents), SUM(net_cents), SUM(paid_spots), SUM(paid_gross_cents), SUM(paid_net_cents)
FROM temp.fresh_cell
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
