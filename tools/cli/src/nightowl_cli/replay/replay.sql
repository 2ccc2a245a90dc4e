-- What became of a tenant's alerts: the same questions to the installation and to the shadow.

-- name: load_outcomes
-- Alerts that opened from $1 to $3, as they opened, and whom they paged before $2. A page that failed over to another
-- method was written later than its tier fired, and is left out: a shadow has no providers that fail.
-- Indexes: alerts_fired, then by alert.
SELECT
    a.fingerprint, a.title,
    o.evidence ->> 'receipt_id' AS receipt_id, (o.evidence ->> 'index')::integer AS index,
    o.evidence ->> 'severity' AS severity,
    s.name AS service,
    ARRAY(SELECT jsonb_array_elements_text(coalesce(o.evidence -> 'routes', '[]'))) AS routes,
    p.name || ' v' || a.policy_version AS policy,
    (
        SELECT t.evidence ->> 'title' FROM alert_timeline AS t
        WHERE t.alert_id = a.id AND t.kind = 'kb_matched' ORDER BY t.id LIMIT 1
    ) AS incident,
    (
        SELECT t.evidence ->> 'rule' FROM alert_timeline AS t
        WHERE t.alert_id = a.id AND t.kind = 'grouped' AND t.at < $2 ORDER BY t.id LIMIT 1
    ) AS grouped_by,
    ARRAY(
        SELECT DISTINCT coalesce(t.evidence -> 'by' ->> 'name', t.evidence -> 'by' ->> 'kind') FROM alert_timeline AS t
        WHERE t.alert_id = a.id AND t.kind = 'muted' AND t.at < $2 ORDER BY 1
    ) AS muted_by,
    ARRAY(
        SELECT format(
            'cycle %s tier %s: %s', e.cycle + 1, e.tier + 1,
            coalesce(coalesce(u.display_name, d.recipient) || ' over ' || d.channel, e.outcome)
        )
        FROM escalation_events AS e
        LEFT JOIN deliveries AS d
            ON d.alert_id = e.alert_id AND d.cycle = e.cycle AND d.step = e.tier AND d.created_at = e.fired_at
        LEFT JOIN users AS u ON d.recipient = 'user:' || u.id
        WHERE e.alert_id = a.id AND e.fired_at < $2 AND e.outcome <> 'handed_over'
        ORDER BY e.cycle, e.tier, 1
    ) AS pages
FROM alerts AS a
LEFT JOIN services AS s ON s.id = a.service_id
LEFT JOIN escalation_policies AS p ON p.id = a.policy_id
LEFT JOIN LATERAL (
    SELECT t.evidence FROM alert_timeline AS t WHERE t.alert_id = a.id AND t.kind = 'opened' ORDER BY t.id LIMIT 1
) AS o ON true
WHERE a.first_fired_at >= $1 AND a.first_fired_at < $3
ORDER BY a.first_fired_at, a.id

-- name: load_carried
-- Fingerprints that were open when the span began. Indexes: alerts_open, alerts_resolved.
SELECT DISTINCT fingerprint FROM alerts
WHERE first_fired_at < $1 AND (status <> 'resolved' OR resolved_at >= $1)

-- name: load_deeds
-- What people did in a span to alerts that opened in it, and what silence closed. Index: alerts_fired.
SELECT t.at, a.fingerprint, t.kind, t.actor, t.evidence
FROM alerts AS a JOIN alert_timeline AS t ON t.alert_id = a.id
WHERE a.first_fired_at >= $1 AND a.first_fired_at < $2 AND t.at < $2 AND t.actor ->> 'kind' <> 'source'
    AND t.kind IN (
        'acknowledged', 'investigating', 'unacknowledged', 'resolved', 'reopened', 'snoozed', 'escalated_by_hand',
        'rerouted', 'handed_over'
    )
ORDER BY t.at, t.id

-- name: load_next_due
-- When the next obligation of the shadow is due, if that is by a time. Index: timers_due.
SELECT min(due_at) FROM public.timers WHERE kind IN ('escalation', 'snooze') AND due_at <= $1

-- name: find_open
-- The open alert of a fingerprint. Index: alerts_one_open.
SELECT id FROM alerts WHERE fingerprint = $1 AND status <> 'resolved'
