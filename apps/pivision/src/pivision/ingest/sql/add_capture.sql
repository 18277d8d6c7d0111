-- Store a picture's row, unless the same one came in through another process a moment ago.
INSERT INTO capture (device_id, boot_id, seq, captured_at, captured_raw, received_at, width, height, bytes, sha256,
                     segment_id, position, meta)
VALUES (:device_id, :boot_id, :seq, :captured_at, :captured_raw, :received_at, :width, :height, :bytes, :sha256,
        :segment_id, :position, :meta)
ON CONFLICT (device_id, boot_id, seq) DO NOTHING
RETURNING id
