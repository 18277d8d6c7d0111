-- Who deactivated which customer, when and why? The latest time of each.
SELECT key AS name, actor, date(at) AS "on", new AS reason, MAX(id) AS id
FROM audit
WHERE action = 'DEACTIVATE'
GROUP BY key
