-- How many of the device's last pictures came, and how many numbers between them never did?
WITH recent AS (
    SELECT boot_id, seq FROM capture WHERE device_id = :device_id ORDER BY received_at DESC LIMIT :most
),
steps AS (
    SELECT seq - lag(seq) OVER (PARTITION BY boot_id ORDER BY seq) AS step FROM recent
)
SELECT count(*) AS pictures,
       coalesce(sum(step > 1), 0) AS gaps,
       coalesce(sum(CASE WHEN step > 1 THEN step - 1 END), 0) AS missing
FROM steps
