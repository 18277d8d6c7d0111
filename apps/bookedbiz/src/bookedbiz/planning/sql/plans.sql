-- What is planned for each entity and month?
SELECT entity_id, month, budget_cents, forecast_cents, new_accounts, new_cents
FROM plan
WHERE month BETWEEN :first_month AND :last_month
