-- How much money has each combination that a workbook tuple may consist of, by month, in all of history?
-- With the agency flag or without: so, and with the months named, the summary is read and grouped in its own order.
SELECT
    bill_code_id, market_id, revenue_type_id, sales_person_id,
    month,
    sum(gross_cents) AS gross_cents,
    sum(net_cents) AS net_cents,
    sum(broker_cents) AS broker_cents,
    max(newest_contract_spot_id) AS newest_contract_spot_id
FROM booked_revenue
WHERE month BETWEEN 0 AND 999912 AND is_agency = :is_agency
GROUP BY month, revenue_type_id, bill_code_id, sales_person_id, market_id
ORDER BY month, revenue_type_id, bill_code_id, sales_person_id, market_id
