-- Which lines of a month's summary by price have no spot left?
DELETE FROM priced
WHERE month = :month
  AND (revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket) NOT IN (
      SELECT revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, length_bucket
      FROM temp.fresh_priced
  )
