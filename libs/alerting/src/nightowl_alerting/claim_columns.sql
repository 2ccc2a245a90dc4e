    d.id AS delivery_id, d.alert_id, d.cycle, d.step, d.recipient, d.channel, d.address, d.token, d.attempts,
    d.unclear_attempts, d.is_repeat, d.created_at, d.due_at, d.lease_until, a.title, a.description, a.severity, a.source,
    a.labels, a.annotations, a.fingerprint, a.first_fired_at, a.occurrence_count, a.trace
