-- Which names own budget, forecast and booked?
SELECT id, name, kind, active FROM entity ORDER BY name COLLATE NOCASE
