-- How much money has each combination that a workbook tuple may consist of, by month, in all of history?
SELECT
    bill_code_id, market_id, revenue_type_id, sales_person_id, is_agency,
    month, gross_cents, net_cents, broker_cents, newest_contract_spot_id
FROM exported
WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1)
ORDER BY month  -- the order in which it is kept
