-- A new event.
INSERT INTO event (device_id, kind, slot, start_capture_id, started_at, ended_at, confidence, observed_interaction,
                   person_count, summary, details, created_at)
VALUES (:device_id, :kind, :slot, :start_capture_id, :started_at, :ended_at, :confidence, :observed_interaction,
        :person_count, :summary, :details, :created_at)
RETURNING id
