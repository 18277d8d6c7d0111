-- The lines of `sold` that are revenue, by the same rule as the view `sales`, for who goes by ids and not by names.
CREATE VIEW sold_revenue AS
SELECT * FROM sold WHERE revenue_type_id NOT IN (SELECT id FROM revenue_type WHERE is_trade = 1);
