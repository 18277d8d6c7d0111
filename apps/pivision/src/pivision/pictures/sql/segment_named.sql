-- Does a row name this segment file?
SELECT 1 FROM segment WHERE path = :path
