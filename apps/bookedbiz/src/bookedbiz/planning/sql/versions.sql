-- Which versions of the budget are there, and what do their months of a year come to?
SELECT
    budget_version.id AS id, budget_version.name AS name, budget_version.active AS active,
    budget_version.made_at AS made_at, budget_version.made_by AS made_by, budget_version.note AS note,
    CASE WHEN budget_version.active
         THEN (SELECT COALESCE(sum(budget_cents), 0) FROM plan WHERE month / 100 = :year)
         ELSE (SELECT COALESCE(sum(budget_cents), 0) FROM version_budget
               WHERE version_id = budget_version.id AND month / 100 = :year) END AS year_cents
FROM budget_version
ORDER BY budget_version.active DESC, budget_version.id DESC
