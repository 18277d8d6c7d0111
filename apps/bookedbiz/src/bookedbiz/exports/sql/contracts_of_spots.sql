-- Which contract does each of these spots belong to, and for how much?
SELECT
    spot.id AS spot_id,
    contract.number AS number,
    COALESCE(spot.gross_cents, 0) AS gross_cents,
    COALESCE(spot.net_cents, 0) AS net_cents,
    COALESCE(spot.broker_cents, 0) AS broker_cents
FROM json_each(:spot_ids) AS asked
CROSS JOIN spot ON spot.id = asked.value
JOIN contract ON contract.id = spot.contract_id
