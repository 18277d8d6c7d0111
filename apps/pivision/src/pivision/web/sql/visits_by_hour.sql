-- How many visits and changes of the stock began in each hour since then?
SELECT strftime('%Y-%m-%dT%H', started_at) AS hour,
       sum(kind = 'interaction_detected') AS visits,
       sum(kind IN ('stock_changed', 'restocked')) AS changes
FROM event INDEXED BY event_by_time
WHERE started_at >= :since
GROUP BY hour
ORDER BY hour
