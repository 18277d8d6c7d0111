-- How many activities of each type were written since that moment, by who looks after the account?
SELECT account_shown.ae_id AS ae_id, activity.kind AS kind, count(*) AS activities
FROM activity
JOIN account_shown ON account_shown.id = activity.account_id
WHERE activity.at >= :since
GROUP BY account_shown.ae_id, activity.kind
