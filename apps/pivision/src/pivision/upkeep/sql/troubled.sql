-- Which of the worker's duties failed the last time, and was not well since?
SELECT name, last_error_at, last_error
FROM health
WHERE last_error_at IS NOT NULL AND (last_success IS NULL OR last_success < last_error_at)
ORDER BY name
