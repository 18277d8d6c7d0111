-- Who changed what of an entity's month, newest first?
SELECT
    plan_change.item AS item, plan_change.old AS old, plan_change.new AS new,
    plan_session.id AS session_id, plan_session.saved_at AS saved_at, plan_session.saved_by AS saved_by,
    plan_session.source AS source, plan_session.note AS note
FROM plan_change
JOIN plan_session ON plan_session.id = plan_change.session_id
WHERE plan_change.entity_id = :entity_id AND plan_change.month = :month
ORDER BY plan_change.id DESC
