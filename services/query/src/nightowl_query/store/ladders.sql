-- What an alert's escalation is told from. Unqualified names are the tenant's tables.

-- name: load_climber
-- What decides how an alert goes on, with its timer and the name of its policy.
SELECT a.id, a.fingerprint, a.episode, a.status, a.severity, a.source, a.title, a.first_fired_at, a.last_fired_at,
    a.policy_id, a.policy_version, a.escalation_state, a.escalation_reason, a.escalation_version, a.cycle, a.tier,
    a.first_cycle, a.slack_channel, t.due_at, p.name AS policy_name
FROM alerts AS a
LEFT JOIN public.timers AS t ON t.kind = 'escalation' AND t.ref = a.id
LEFT JOIN escalation_policies AS p ON p.id = a.policy_id
WHERE a.id = $1

-- name: list_steps
-- Index: escalation_events_pkey.
SELECT cycle, tier, outcome, recipients, due_at, fired_at,
    greatest(0, extract(epoch FROM fired_at - due_at) * 1000)::integer AS late_ms
FROM escalation_events
WHERE alert_id = $1
ORDER BY fired_at, cycle, tier
LIMIT 2000

-- name: list_pages
-- Index: the unique key of deliveries.
SELECT d.cycle, d.step, d.id AS delivery_id, d.recipient, d.channel, d.status, d.not_before, d.sent_at, d.reason,
    CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'display_name', u.display_name) END AS user
FROM deliveries AS d LEFT JOIN users AS u ON d.recipient = 'user:' || u.id
WHERE d.alert_id = $1
ORDER BY d.not_before, d.id
LIMIT 5000
