-- How much money has each combination that a workbook tuple may consist of, by month, in all of history?
-- The months are named and the columns grouped as the summary is kept: it is read in its order, and once.
SELECT
    bill_code_id, market_id, revenue_type_id, sales_person_id, is_agency,
    month,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(broker_cents) AS broker_cents,
    max(newest_contract_spot_id) AS newest_contract_spot_id
FROM booked_revenue
WHERE month BETWEEN 0 AND 999912
GROUP BY month, revenue_type_id, bill_code_id, sales_person_id, market_id, is_agency
ORDER BY month
