-- Which contracts does this customer have, the latest first? Trade is left out, as in the view `revenue`; rows without a
-- contract are one line.
SELECT
    contract.number AS contract,
    min(spot.month) AS first_month,
    max(spot.month) AS last_month,
    count(*) AS spots,
    sum(COALESCE(spot.gross_cents, 0) > 0) AS paid_spots,
    sum(CASE WHEN spot.gross_cents > 0 THEN spot.gross_cents ELSE 0 END) AS paid_gross_cents,
    COALESCE(sum(spot.gross_cents), 0) AS gross_cents,
    COALESCE(sum(spot.net_cents), 0) AS net_cents,
    COALESCE(sum(spot.broker_cents), 0) AS broker_cents,
    group_concat(DISTINCT COALESCE(ae.name, 'Unknown')) AS aes
FROM spot
JOIN revenue_type ON revenue_type.id = spot.revenue_type_id
JOIN sales_person ON sales_person.id = spot.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
LEFT JOIN contract ON contract.id = spot.contract_id
WHERE spot.bill_code_id IN (
        SELECT id FROM bill_code
        WHERE customer_id = :customer_id OR (id = -:customer_id AND customer_id IS NULL))
  AND revenue_type.is_trade = 0
  AND (:only_ae_id IS NULL OR sales_person.ae_id = :only_ae_id)
GROUP BY spot.contract_id
ORDER BY last_month DESC, first_month DESC, contract.number DESC
