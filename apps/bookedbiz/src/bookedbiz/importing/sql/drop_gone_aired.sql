-- Which lines of a month's summary by air date have no spot left?
DELETE FROM aired
WHERE month = :month
  AND NOT EXISTS (
      SELECT 1 FROM temp.fresh_aired AS fresh
      WHERE fresh.month = aired.month AND fresh.calendar_month = aired.calendar_month
        AND fresh.broadcast_month = aired.broadcast_month AND fresh.revenue_type_id = aired.revenue_type_id
        AND fresh.bill_code_id = aired.bill_code_id AND fresh.sales_person_id = aired.sales_person_id
        AND fresh.market_id = aired.market_id AND fresh.language_id = aired.language_id AND fresh.spot_type_id = aired.spot_type_id
  )
