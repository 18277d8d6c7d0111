-- What was booked for each month at the end of that day, as the imports up to then left it?
SELECT month, sum(gross_cents) AS gross_cents, sum(net_cents) AS net_cents
FROM (
    SELECT snapshot.month AS month, snapshot.gross_cents AS gross_cents, snapshot.net_cents AS net_cents,
           max(snapshot.taken_on) AS taken_on
    FROM snapshot
    JOIN revenue_type ON revenue_type.id = snapshot.revenue_type_id
    LEFT JOIN revenue_type AS meant ON meant.id = revenue_type.reads_as_id
    LEFT JOIN entity ON entity.id = snapshot.entity_id
    JOIN market ON market.id = snapshot.market_id
    LEFT JOIN market AS shown_market ON shown_market.id = market.report_as_id
    LEFT JOIN sector ON sector.id = snapshot.sector_id
    WHERE snapshot.month BETWEEN :first_month AND :last_month
      AND snapshot.taken_on <= :day
      AND revenue_type.is_trade = 0
      AND (:entity IS NULL OR COALESCE(entity.name, 'Unmatched') = :entity)
      AND (:revenue_type IS NULL OR COALESCE(meant.name, revenue_type.name) = :revenue_type)
      AND (:market IS NULL OR COALESCE(shown_market.code, market.code) = :market)
      AND (:sector IS NULL OR COALESCE(sector.name, 'Unassigned') = :sector)
    GROUP BY snapshot.month, snapshot.entity_id, snapshot.revenue_type_id, snapshot.market_id, snapshot.sector_id
)
GROUP BY month
