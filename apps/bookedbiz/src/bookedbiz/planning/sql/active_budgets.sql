-- What is the budget in force, of all entities and months?
SELECT entity_id, month, budget_cents FROM plan WHERE budget_cents IS NOT NULL
