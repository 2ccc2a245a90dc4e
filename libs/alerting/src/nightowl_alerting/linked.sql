-- What the page behind a link shows. Reads only; unqualified names are the tenant's tables.

-- name: load_linked_page
-- Indexes: primary keys, deliveries_bundled.
SELECT a.id, a.fingerprint, a.episode, a.status, a.severity, a.source, a.title, left(a.description, 4000) AS description,
    a.labels, a.annotations, a.matched_incident_id, a.match_kind, a.match_score, a.service_id, a.occurrence_count,
    a.first_fired_at, a.last_fired_at, a.acknowledged_at, a.acknowledged_by, a.resolved_at, a.resolved_by,
    left(a.resolution, 4000) AS resolution, a.policy_id, a.policy_version, a.escalation_state, a.escalation_reason,
    a.escalation_version, a.cycle, a.tier, a.first_cycle, a.snoozed_until, a.slack_channel,
    d.recipient, d.channel, d.is_repeat, d.created_at, u.display_name AS person, u.timezone, t.due_at,
    coalesce(s.name, nullif(a.labels ->> 'service', '')) AS service,
    coalesce(nullif(a.labels ->> 'cluster', ''), s.cluster) AS cluster,
    coalesce(nullif(a.labels ->> 'namespace', ''), s.namespace) AS namespace,
    (SELECT count(*) FROM deliveries AS f WHERE f.bundled_into = d.id) AS followers,
    CASE WHEN i.id IS NOT NULL THEN jsonb_build_object(
        'incident_id', i.id, 'title', i.title, 'cause', left(i.root_cause, 4000), 'solution', left(i.solution, 8000),
        'runbook_id', r.id, 'runbook', r.title
    ) END AS fix
FROM deliveries AS d
JOIN alerts AS a ON a.id = d.alert_id
LEFT JOIN users AS u ON 'user:' || u.id = d.recipient
LEFT JOIN services AS s ON s.id = a.service_id
LEFT JOIN public.timers AS t ON t.kind = 'escalation' AND t.ref = a.id
LEFT JOIN incidents AS i ON i.id = a.matched_incident_id
LEFT JOIN runbooks AS r ON r.id = i.runbook_id
WHERE d.id = $1
