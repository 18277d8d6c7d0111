-- Which lines of a month's summary of prices have no spot left?
DELETE FROM priced
WHERE month = :month
  AND NOT EXISTS (
      SELECT 1 FROM temp.fresh_priced AS fresh
      WHERE fresh.month = priced.month AND fresh.revenue_type_id = priced.revenue_type_id
        AND fresh.bill_code_id = priced.bill_code_id AND fresh.sales_person_id = priced.sales_person_id
        AND fresh.market_id = priced.market_id AND fresh.language_id = priced.language_id
        AND fresh.length_bucket = priced.length_bucket AND fresh.day_part = priced.day_part
        AND fresh.day_type = priced.day_type AND fresh.spot_type_id = priced.spot_type_id
  )
