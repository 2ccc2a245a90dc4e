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
SELECT d.cycle, d.step, d.id AS delivery_id, d.recipient, d.channel, d.status, d.not_before, d.held_for, d.sent_at,
    d.reason, d.bundled_into,
    CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id, 'display_name', u.display_name) END AS user
FROM deliveries AS d LEFT JOIN users AS u ON d.recipient = 'user:' || u.id
WHERE d.alert_id = $1
ORDER BY d.not_before, d.id
LIMIT 5000

-- name: list_past_alerts
-- Alerts of a policy since an instant, newest first. Ids are made by hosts' clocks, so the bound on them has an hour to
-- spare. Index: alerts_pkey.
SELECT id, fingerprint, episode, status, severity, source, title, first_fired_at, last_fired_at, policy_id,
    policy_version, escalation_state, escalation_reason, slack_channel,
    coalesce(least(acknowledged_at, resolved_at), public.clock_now()) AS stopped_at,
    CASE WHEN acknowledged_by ->> 'kind' = 'user' AND acknowledged_by ->> 'id' ~ '^[0-9a-f-]{36}$'
        THEN (acknowledged_by ->> 'id')::uuid END AS responder_id
FROM alerts
WHERE policy_id = $1 AND first_fired_at >= $2 AND id < $3
    AND id >= public.uuidv7_floor(least($2::timestamptz, now() - (public.clock_now() - $2::timestamptz)) - interval '1 hour')
ORDER BY id DESC
LIMIT $4
