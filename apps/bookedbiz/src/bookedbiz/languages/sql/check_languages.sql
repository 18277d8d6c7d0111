-- Which lines of the summary have another language than steps and rules give them? (month, bill code, has, should have)
SELECT line.month, bill_code.raw, COALESCE(has.code, 'nothing') || ' (' || COALESCE(line.language_method, 'not said') || ')',
    should.code
FROM booked AS line
CROSS JOIN language_answer AS answer
    ON answer.revenue_type_id = line.revenue_type_id AND answer.spot_type_id = line.spot_type_id
    AND answer.language_id = line.language_id
JOIN bill_code ON bill_code.id = line.bill_code_id
LEFT JOIN language_rule AS rule ON rule.bill_code_id = line.bill_code_id AND rule.language_id = line.language_id
LEFT JOIN language AS has ON has.id = line.assigned_language_id
JOIN language AS should ON should.id = COALESCE(rule.assigned_language_id, answer.assigned_language_id)
WHERE line.assigned_language_id IS NOT COALESCE(rule.assigned_language_id, answer.assigned_language_id)
   OR line.language_method IS NOT CASE WHEN rule.bill_code_id IS NULL THEN answer.method ELSE 'manual' END
