-- What can be chosen in the filter bar: the values that occur in these months?
SELECT DISTINCT ae, revenue_type, sector, market
FROM revenue
WHERE month BETWEEN :first_month AND :last_month
  AND (:only_ae_id IS NULL OR ae_id = :only_ae_id)
