-- Which changes of plans were saved last?
SELECT
    plan_session.id AS id, saved_at, saved_by, source, note,
    (SELECT count(*) FROM plan_change WHERE session_id = plan_session.id) AS changes
FROM plan_session
ORDER BY plan_session.id DESC
LIMIT :count
