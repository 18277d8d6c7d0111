-- Which months has accounting closed?
SELECT month FROM month_status WHERE status = 'closed'
