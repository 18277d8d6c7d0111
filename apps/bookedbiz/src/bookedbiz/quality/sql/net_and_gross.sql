-- Which rows keep more than they charge, or nothing of it?
SELECT
    COUNT(*) FILTER (WHERE gross_cents >= 0 AND net_cents > gross_cents) AS net_above_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents >= 0 AND net_cents > gross_cents), 0) AS net_above_cents,
    COUNT(*) FILTER (WHERE gross_cents > 0 AND net_cents = 0) AS net_zero_spots,
    COALESCE(SUM(gross_cents) FILTER (WHERE gross_cents > 0 AND net_cents = 0), 0) AS net_zero_cents
FROM spot
