-- How many jobs are in work, and how many were given up?
SELECT (SELECT count(*) FROM job INDEXED BY job_running WHERE status = 'running') AS running,
       (SELECT count(*) FROM job INDEXED BY job_dead WHERE status = 'dead') AS dead
