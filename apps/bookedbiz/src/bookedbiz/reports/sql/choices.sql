-- What can be chosen in the filter bar: every name that the view `revenue` may show?
-- From the tables of names: they are small, and asking the view which of them occur takes as long as a report.
SELECT 'ae' AS kind, name AS value FROM ae
UNION SELECT 'ae', 'Unknown'
UNION SELECT 'revenue_type', name FROM revenue_type WHERE is_trade = 0 AND reads_as_id IS NULL
UNION SELECT 'sector', name FROM sector
UNION SELECT 'sector', 'Unassigned'
UNION SELECT 'market', code FROM market WHERE report_as_id IS NULL
UNION SELECT 'language', name FROM language WHERE reads_as_id IS NULL
UNION SELECT 'entity', name FROM entity
UNION SELECT 'entity', 'Unmatched'
