-- When did an import last end well?
SELECT max(finished_at) AS finished_at FROM batch WHERE status = 'completed' AND undoes IS NULL AND mode <> 'TRAFFIC'
