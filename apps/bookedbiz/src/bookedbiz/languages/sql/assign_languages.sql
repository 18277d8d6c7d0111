-- Which lines of the summary, of these months, have another language than steps and rules give them?
UPDATE booked
SET assigned_language_id = said.assigned_language_id, language_method = said.method
FROM (
    SELECT
        line.month, line.revenue_type_id, line.bill_code_id, line.sales_person_id, line.market_id, line.language_id,
        line.spot_type_id, line.is_agency,
        COALESCE(rule.assigned_language_id, answer.assigned_language_id) AS assigned_language_id,
        CASE WHEN rule.bill_code_id IS NULL THEN answer.method ELSE 'manual' END AS method
    FROM booked AS line
    CROSS JOIN language_answer AS answer
        ON answer.revenue_type_id = line.revenue_type_id AND answer.spot_type_id = line.spot_type_id
        AND answer.language_id = line.language_id
    LEFT JOIN language_rule AS rule ON rule.bill_code_id = line.bill_code_id AND rule.language_id = line.language_id
    WHERE line.month BETWEEN :first_month AND :last_month
      AND (:bill_code_id IS NULL OR line.bill_code_id = :bill_code_id)
      AND (line.assigned_language_id IS NOT COALESCE(rule.assigned_language_id, answer.assigned_language_id)
           OR line.language_method IS NOT CASE WHEN rule.bill_code_id IS NULL THEN answer.method ELSE 'manual' END)
) AS said
WHERE booked.month = said.month AND booked.revenue_type_id = said.revenue_type_id
  AND booked.bill_code_id = said.bill_code_id AND booked.sales_person_id = said.sales_person_id
  AND booked.market_id = said.market_id AND booked.language_id = said.language_id
  AND booked.spot_type_id = said.spot_type_id AND booked.is_agency = said.is_agency
RETURNING month
