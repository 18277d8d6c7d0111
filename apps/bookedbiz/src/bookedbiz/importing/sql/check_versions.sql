-- How many budgets are the active one, and does the active one lie aside as well? Neither may be.
SELECT 'active versions' AS what, count(*) AS found FROM budget_version WHERE active HAVING count(*) <> 1
UNION ALL
SELECT 'budgets of the active version beside the plan', count(*)
FROM version_budget JOIN budget_version ON budget_version.id = version_id AND active
HAVING count(*) > 0
