-- Which change of a plan does not begin where the one before it ended?
SELECT entity.name AS entity, step.month AS month, step.item AS item, step.old AS old, step.before AS before
FROM (
    SELECT entity_id, month, item, old, id,
           lag(new) OVER (PARTITION BY entity_id, month, item ORDER BY id) AS before
    FROM plan_change
) AS step
JOIN entity ON entity.id = step.entity_id
WHERE step.old IS NOT step.before
ORDER BY step.id
