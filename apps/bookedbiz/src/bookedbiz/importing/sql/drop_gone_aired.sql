-- Which lines of a month's summary by air date have no spot left?
DELETE FROM aired
WHERE month = :month
  AND (calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id) NOT IN (
      SELECT calendar_month, broadcast_month, revenue_type_id, bill_code_id, sales_person_id, market_id, language_id
      FROM temp.fresh_aired
  )
