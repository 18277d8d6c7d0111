-- Which contract does a spot belong to, and for how much?
SELECT
    contract.number AS number,
    COALESCE(spot.gross_cents, 0) AS gross_cents,
    COALESCE(spot.net_cents, 0) AS net_cents,
    COALESCE(spot.broker_cents, 0) AS broker_cents
FROM spot
JOIN contract ON contract.id = spot.contract_id
WHERE spot.id = :spot_id
