-- The picture is to be looked at.
INSERT INTO job (kind, device_id, capture_id, run_after, created_at)
VALUES ('analyze_frame', :device_id, :capture_id, :at, :at)
