-- What is planned for each entity and month? NULL: nothing was entered.
SELECT entity.name AS entity, plan.month AS month, plan.budget_cents AS budget_cents, plan.forecast_cents AS forecast_cents
FROM plan
JOIN entity ON entity.id = plan.entity_id
WHERE plan.month BETWEEN :first_month AND :last_month
  AND (:only_ae_id IS NULL OR entity.ae_id = :only_ae_id)
  AND (:ae IS NULL OR entity.ae_id = (SELECT id FROM ae WHERE name = :ae))
  AND (:entity IS NULL OR entity.name = :entity)
