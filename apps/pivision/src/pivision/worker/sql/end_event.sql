-- The event is over: what is known now goes beside what was known at its beginning.
UPDATE event
SET ended_at = :ended_at,
    confidence = max(confidence, :confidence),
    observed_interaction = coalesce(:observed_interaction, observed_interaction),
    person_count = coalesce(:person_count, person_count),
    summary = :summary,
    details = json_patch(details, :details)
WHERE id = :event_id
