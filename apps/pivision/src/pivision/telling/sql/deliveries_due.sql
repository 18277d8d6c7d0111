-- What is to be told now, and to whom?
SELECT delivery.id, delivery.subscriber_id, delivery.event_id, delivery.moment, delivery.attempts
FROM delivery INDEXED BY delivery_waiting
JOIN subscriber ON subscriber.id = delivery.subscriber_id
WHERE delivery.delivered_at IS NULL AND delivery.given_up_at IS NULL AND delivery.run_after <= :now
  AND subscriber.enabled = 1
ORDER BY delivery.run_after, delivery.id
LIMIT 50
