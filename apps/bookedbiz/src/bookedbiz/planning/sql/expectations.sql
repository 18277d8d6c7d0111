-- What is expected of each sector, by entity and month?
SELECT entity_id, month, sector_id, amount_cents
FROM sector_expectation
WHERE month BETWEEN :first_month AND :last_month
