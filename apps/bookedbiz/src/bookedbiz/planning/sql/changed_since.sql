-- What was the value of each cell that somebody has changed since that session, and who was it last?
WITH changed AS (
    SELECT entity_id, month, item, min(id) AS first_id, max(session_id) AS last_session_id
    FROM plan_change
    WHERE session_id > :seen
    GROUP BY entity_id, month, item
)
SELECT changed.entity_id AS entity_id, changed.month AS month, changed.item AS item, first.old AS was, saved_by
FROM changed
JOIN plan_change AS first ON first.id = changed.first_id
JOIN plan_session ON plan_session.id = changed.last_session_id
