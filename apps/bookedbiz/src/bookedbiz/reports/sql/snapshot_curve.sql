-- By how much did what is booked for these months change on each day that an import was recorded?
SELECT month, taken_on, sum(gross_step) AS gross_cents, sum(net_step) AS net_cents
FROM (
    SELECT
        snapshot.month AS month,
        snapshot.taken_on AS taken_on,
        snapshot.gross_cents - lag(snapshot.gross_cents, 1, 0) OVER line AS gross_step,
        snapshot.net_cents - lag(snapshot.net_cents, 1, 0) OVER line AS net_step
    FROM snapshot
    JOIN revenue_type ON revenue_type.id = snapshot.revenue_type_id
    LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
    LEFT JOIN entity ON entity.id = snapshot.entity_id
    JOIN market ON market.id = snapshot.market_id
    LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
    LEFT JOIN sector ON sector.id = snapshot.sector_id
    WHERE snapshot.month IN (:month, :month_before)
      AND revenue_type.is_trade = 0
      AND (:entity IS NULL OR COALESCE(entity.name, 'Unmatched') = :entity)
      AND (:revenue_type IS NULL OR COALESCE(meant.name, revenue_type.name) = :revenue_type)
      AND (:market IS NULL OR COALESCE(shown_market.code, market.code) = :market)
      AND (:sector IS NULL OR COALESCE(sector.name, 'Unassigned') = :sector)
    WINDOW line AS (
        PARTITION BY snapshot.month, snapshot.entity_id, snapshot.revenue_type_id, snapshot.market_id, snapshot.sector_id
        ORDER BY snapshot.taken_on)
)
GROUP BY month, taken_on
ORDER BY month, taken_on
