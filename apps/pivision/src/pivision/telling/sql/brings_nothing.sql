-- Was this subscriber told when the event began, with all the pictures after it that there are now?
SELECT 1
FROM delivery AS first
WHERE first.subscriber_id = :subscriber_id AND first.event_id = :event_id AND first.moment = 'start'
  AND first.delivered_at IS NOT NULL
  AND NOT EXISTS (
      SELECT 1 FROM event_picture
      WHERE event_picture.event_id = first.event_id AND role = 'post' AND deleted_at IS NULL
        AND stored_at > first.delivered_at
  )
