-- Which plans are not what the newest change of their history says?
SELECT entity.name AS entity, found.month AS month, found.item AS item,
       max(found.held) AS held, max(found.told) AS told
FROM (
    SELECT entity_id, month, 'budget' AS item, budget_cents AS held, NULL AS told FROM plan WHERE budget_cents IS NOT NULL
    UNION ALL
    SELECT entity_id, month, 'forecast', forecast_cents, NULL FROM plan WHERE forecast_cents IS NOT NULL
    UNION ALL
    SELECT entity_id, month, 'new_accounts', new_accounts, NULL FROM plan WHERE new_accounts IS NOT NULL
    UNION ALL
    SELECT entity_id, month, 'new_dollars', new_cents, NULL FROM plan WHERE new_cents IS NOT NULL
    UNION ALL
    SELECT entity_id, month, item, NULL, new FROM plan_change
    WHERE new IS NOT NULL AND id IN (SELECT max(id) FROM plan_change GROUP BY entity_id, month, item)
) AS found
JOIN entity ON entity.id = found.entity_id
GROUP BY found.entity_id, found.month, found.item
HAVING max(found.held) IS NOT max(found.told)
ORDER BY entity.name, found.month
