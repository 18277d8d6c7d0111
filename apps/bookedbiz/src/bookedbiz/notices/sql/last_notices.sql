-- What was told last to the station, and how did it go out?
SELECT
    notice.id AS id, notice.at AS at, notice.kind AS kind, notice.loud AS loud, notice.title AS title,
    notice.body AS body,
    (SELECT group_concat(way, ', ') FROM notice_way WHERE notice_id = notice.id AND sent_at IS NOT NULL) AS sent,
    (SELECT group_concat(way || CASE WHEN tries THEN ': ' || COALESCE(error, '') ELSE '' END, '; ')
     FROM notice_way WHERE notice_id = notice.id AND sent_at IS NULL) AS waiting
FROM notice
WHERE notice.kind <> 'digest' OR EXISTS (
    SELECT 1 FROM notice_way WHERE notice_id = notice.id AND user_id IS NULL)
ORDER BY notice.id DESC
LIMIT :count
