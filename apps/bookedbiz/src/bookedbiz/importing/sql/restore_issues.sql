-- Which issues did the spots have that an import took out?
INSERT INTO issue (spot_id, position, code, raw, row)
SELECT spot_id, position, code, raw, row FROM removed_issue WHERE removed_in = :batch_id
