-- Which lines of a month's summary by part of the day have no spot left?
DELETE FROM parted
WHERE month = :month
  AND (revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type) NOT IN (
      SELECT revenue_type_id, bill_code_id, sales_person_id, market_id, language_id, day_part, day_type
      FROM temp.fresh_parted
  )
