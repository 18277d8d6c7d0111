-- What is booked under these contract numbers, Trade included?
SELECT
    contract.number AS number,
    count(*) AS spots,
    COALESCE(sum(spot.gross_cents), 0) AS gross_cents,
    COALESCE(sum(spot.net_cents), 0) AS net_cents,
    min(spot.month) AS first_month,
    max(spot.month) AS last_month
FROM json_each(:numbers) AS wanted
CROSS JOIN contract ON contract.number = wanted.value
CROSS JOIN spot ON spot.contract_id = contract.id
GROUP BY contract.id
