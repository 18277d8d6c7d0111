-- What is planned for an entity's month from now on?
INSERT INTO plan (entity_id, month, budget_cents, forecast_cents, new_accounts, new_cents)
VALUES (:entity_id, :month, :budget, :forecast, :new_accounts, :new_dollars)
ON CONFLICT (entity_id, month) DO UPDATE SET
    budget_cents = excluded.budget_cents, forecast_cents = excluded.forecast_cents,
    new_accounts = excluded.new_accounts, new_cents = excluded.new_cents
