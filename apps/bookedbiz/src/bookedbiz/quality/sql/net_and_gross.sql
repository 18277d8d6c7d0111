-- Which rows keep more than they charge, or nothing of it?
SELECT
    COALESCE(SUM(net_above_spots), 0) AS net_above_spots,
    COALESCE(SUM(net_above_cents), 0) AS net_above_cents,
    COALESCE(SUM(net_zero_spots), 0) AS net_zero_spots,
    COALESCE(SUM(net_zero_cents), 0) AS net_zero_cents
FROM held
