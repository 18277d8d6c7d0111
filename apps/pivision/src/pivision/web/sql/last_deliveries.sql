-- How did the last message to each subscriber do?
SELECT delivery.subscriber_id, delivery.delivered_at, delivery.given_up_at, delivery.attempts, delivery.last_error,
       (SELECT count(*) FROM delivery AS waiting
        WHERE waiting.subscriber_id = delivery.subscriber_id AND waiting.delivered_at IS NULL
          AND waiting.given_up_at IS NULL) AS waiting
FROM delivery
WHERE delivery.id = (SELECT max(id) FROM delivery AS newest WHERE newest.subscriber_id = delivery.subscriber_id)
