-- Which lines of a month's summary have no spot left?
DELETE FROM booked
WHERE month = :month
  AND NOT EXISTS (
      SELECT 1 FROM temp.fresh_booked AS fresh
      WHERE fresh.month = booked.month AND fresh.revenue_type_id = booked.revenue_type_id
        AND fresh.bill_code_id = booked.bill_code_id AND fresh.sales_person_id = booked.sales_person_id
        AND fresh.market_id = booked.market_id AND fresh.language_id = booked.language_id
        AND fresh.spot_type_id = booked.spot_type_id AND fresh.is_agency = booked.is_agency
  )
