-- Which letters have not gone out yet, and are young enough to be worth it, the oldest first?
SELECT
    notice_way.id AS id, notice_way.way AS way, user.email AS email,
    notice.kind AS kind, notice.at AS at, notice.title AS title, notice.body AS body, notice.loud AS loud
FROM notice_way
JOIN notice ON notice.id = notice_way.notice_id
LEFT JOIN user ON user.id = notice_way.user_id
WHERE notice_way.sent_at IS NULL AND notice.at >= :since
  AND (notice_way.user_id IS NULL OR user.active)
ORDER BY notice_way.id
LIMIT :count
