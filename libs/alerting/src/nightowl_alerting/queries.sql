-- The only SQL that writes alerts, their timeline, timers, deliveries and the audit log.
-- Unqualified names are the tenant's tables: every query runs inside Database.tenant_tx or after Tx.enter_tenant.
-- Lock order everywhere: alert → delivery → timer. Workers that come from a timer never wait (SKIP LOCKED).

-- name: lock_open_alerts
-- Locks the open alerts of some fingerprints, in one order for all callers. Index: alerts_one_open.
SELECT id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, trace, last_started_at, last_received_at
FROM alerts
WHERE status <> 'resolved' AND fingerprint = ANY ($1::text[])
ORDER BY fingerprint
FOR NO KEY UPDATE

-- name: load_last_episodes
-- The newest closed episode per fingerprint. Runs after lock_open_alerts, so that it sees what a rival just closed.
-- One look-up each in the index alerts_episode: a plan that is kept must not lean on how few are resolved today.
SELECT e.id, e.fingerprint, e.episode, e.starts_at, e.resolved_at, e.ended_at, e.resolved_by_source
FROM unnest($1::text[]) AS wanted (fingerprint) CROSS JOIN LATERAL (
    SELECT id, a.fingerprint, episode, greatest(starts_at, last_started_at) AS starts_at, resolved_at, ended_at,
        coalesce(resolved_by ->> 'kind' = 'source', false) AS resolved_by_source
    FROM alerts AS a
    WHERE a.fingerprint = wanted.fingerprint AND status = 'resolved'
    ORDER BY episode DESC
    LIMIT 1
) AS e

-- name: lock_alert
SELECT id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, trace, last_started_at, last_received_at
FROM alerts
WHERE id = $1
FOR NO KEY UPDATE

-- name: lock_alerts_or_skip
-- For timer workers: an alert that somebody else is changing is left for the next round, so nobody ever waits.
SELECT id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, trace, last_started_at, last_received_at
FROM alerts
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED

-- name: insert_alerts
-- A rival that opened the same fingerprint first makes this fail on alerts_one_open or alerts_episode.
-- $2 is what the alerts in $1 leave out.
INSERT INTO alerts (
    id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, trace, last_started_at, last_received_at
)
SELECT
    id, fingerprint, episode, previous_id, status, severity, source, title, description, labels, annotations,
    matched_incident_id, match_kind, match_score,
    generator_url, agent, service_id, occurrence_count, starts_at, first_fired_at, last_fired_at, acknowledged_at,
    acknowledged_by, resolved_at, resolved_by, ended_at, resolution, policy_id, policy_version, escalation_state,
    escalation_reason, escalation_version, cycle, tier, version, snoozed_until, assignee_id, first_cycle, group_id,
    pages_from, slack_channel, muted_by, ignores_mutes, trace, last_started_at, last_received_at
FROM json_populate_recordset(json_populate_record(NULL::alerts, $2::json), $1::json)

-- name: update_alerts
-- The rows are locked by this transaction already. $2 is what the alerts in $1 leave out.
UPDATE alerts AS a
SET status = n.status, severity = n.severity, title = n.title, description = n.description,
    annotations = n.annotations, agent = n.agent, occurrence_count = n.occurrence_count, last_fired_at = n.last_fired_at,
    acknowledged_at = n.acknowledged_at, acknowledged_by = n.acknowledged_by, resolved_at = n.resolved_at,
    resolved_by = n.resolved_by, ended_at = n.ended_at, resolution = n.resolution, policy_id = n.policy_id,
    policy_version = n.policy_version, escalation_state = n.escalation_state,
    escalation_reason = n.escalation_reason, escalation_version = n.escalation_version, cycle = n.cycle,
    tier = n.tier, version = n.version, snoozed_until = n.snoozed_until, assignee_id = n.assignee_id,
    first_cycle = n.first_cycle, group_id = n.group_id, pages_from = n.pages_from, slack_channel = n.slack_channel,
    muted_by = n.muted_by, ignores_mutes = n.ignores_mutes, last_started_at = n.last_started_at,
    last_received_at = n.last_received_at
FROM json_populate_recordset(json_populate_record(NULL::alerts, $2::json), $1::json) AS n
WHERE a.id = n.id

-- name: move_matches
-- Alerts that point at one incident point at another one. Index: alerts_matched.
UPDATE alerts SET matched_incident_id = $2 WHERE matched_incident_id = $1

-- name: set_match
UPDATE alerts SET matched_incident_id = $2, match_kind = $3, match_score = $4 WHERE id = $1

-- name: insert_entries
INSERT INTO alert_timeline (alert_id, kind, actor, evidence)
SELECT n.alert_id, n.kind, n.actor, n.evidence
FROM json_to_recordset($1::json) AS n (alert_id uuid, kind text, actor jsonb, evidence jsonb)

-- name: upsert_timers
INSERT INTO public.timers AS t (kind, ref, tenant, version, due_at, is_critical)
SELECT n.kind, n.ref, n.tenant, n.version, n.due_at, n.is_critical
FROM json_to_recordset($1::json)
    AS n (kind text, ref uuid, tenant text, version integer, due_at timestamptz, is_critical boolean)
ON CONFLICT (kind, ref) DO UPDATE
SET version = excluded.version, due_at = excluded.due_at, is_critical = excluded.is_critical

-- name: delete_timers
DELETE FROM public.timers WHERE kind = $1 AND ref = ANY ($2::uuid[])

-- name: claim_due_timers
-- Rows stay locked until the transaction ends; other workers skip them. Those of suspended tenants wait.
-- Indexes: timers_due, tenants_suspended.
SELECT kind, ref, tenant, version, due_at
FROM public.timers
WHERE kind = $1 AND due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
ORDER BY due_at
LIMIT $2
FOR UPDATE SKIP LOCKED

-- name: claim_timer
SELECT true FROM public.timers WHERE kind = $1 AND ref = $2 AND version = $3 FOR UPDATE SKIP LOCKED

-- name: alert_exists
SELECT EXISTS (SELECT FROM alerts WHERE id = $1)

-- name: load_due_timers
-- Without locks: for deliveries, where the claim on the delivery row decides who sends. Those of suspended tenants wait.
-- Indexes: timers_due, tenants_suspended.
SELECT kind, ref, tenant, version, due_at
FROM public.timers
WHERE kind = $1 AND due_at <= public.clock_now()
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
ORDER BY due_at
LIMIT $2

-- name: load_next_due
SELECT extract(epoch FROM min(due_at) - public.clock_now())::double precision
FROM public.timers
WHERE kind = $1
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')

-- name: pull_timer_forward
UPDATE public.timers SET due_at = public.clock_now() WHERE kind = 'escalation' AND ref = $1 AND due_at > public.clock_now()

-- name: rejudge_muted_by
-- Alerts that some alerts have muted are judged again now. Index: alerts_muted.
UPDATE public.timers SET due_at = public.clock_now()
WHERE kind = 'escalation' AND due_at > public.clock_now() AND ref IN (
    SELECT t.ref FROM public.timers AS t
    WHERE t.kind = 'escalation' AND t.ref IN (
        SELECT id FROM alerts WHERE escalation_state = 'muted' AND muted_by ->> 'alert_id' = ANY ($1::text[])
    )
    ORDER BY t.ref
    FOR UPDATE
)

-- name: rejudge_muted
-- All muted alerts of the tenant are judged again now: a rule has changed. Index: alerts_muted.
UPDATE public.timers SET due_at = public.clock_now()
WHERE kind = 'escalation' AND due_at > public.clock_now() AND ref IN (
    SELECT t.ref FROM public.timers AS t
    WHERE t.kind = 'escalation' AND t.ref IN (SELECT id FROM alerts WHERE escalation_state = 'muted')
    ORDER BY t.ref
    FOR UPDATE
)

-- name: postpone_timer
-- Waits for whoever holds it.
UPDATE public.timers SET due_at = public.clock_now() + make_interval(secs => $3) WHERE kind = $1 AND ref = $2

-- name: postpone_free_timers
-- What somebody else holds is being paid, and is passed over. All after the same time, or each after its part of it.
UPDATE public.timers AS t
SET due_at = public.clock_now()
    + make_interval(secs => $3 * CASE WHEN $4 THEN p.place::float8 / cardinality($2::uuid[]) ELSE 1 END)
FROM unnest($2::uuid[]) WITH ORDINALITY AS p (ref, place)
WHERE t.kind = $1 AND t.ref = p.ref AND t.ref IN (
    SELECT ref FROM public.timers WHERE kind = $1 AND ref = ANY ($2::uuid[]) FOR UPDATE SKIP LOCKED
)

-- name: insert_escalation_events
INSERT INTO escalation_events (alert_id, cycle, tier, outcome, recipients, due_at)
SELECT n.alert_id, n.cycle, n.tier, n.outcome, n.recipients, n.due_at
FROM json_to_recordset($1::json)
    AS n (alert_id uuid, cycle integer, tier integer, outcome text, recipients text[], due_at timestamptz)
ON CONFLICT (alert_id, cycle, tier) DO NOTHING

-- name: load_next_hand_over_step
-- Index: escalation_events_pkey.
SELECT coalesce(max(tier) + 1, $2) FROM escalation_events WHERE alert_id = $1 AND tier >= $2

-- name: insert_deliveries
-- The unique key makes a second page for one step impossible; only the rows that are new come back.
INSERT INTO deliveries (
    id, alert_id, episode, cycle, step, recipient, channel, address, escalation_version, not_before, due_at
)
SELECT n.id, n.alert_id, n.episode, n.cycle, n.step, n.recipient, n.channel, n.address, n.escalation_version,
    n.not_before, n.not_before
FROM json_to_recordset($1::json) AS n (
    id uuid, alert_id uuid, episode integer, cycle integer, step integer, recipient text, channel text, address text,
    escalation_version integer, not_before timestamptz
)
ON CONFLICT (alert_id, episode, cycle, step, recipient, channel) DO NOTHING
RETURNING id

-- name: supersede_deliveries
-- Unsent pages of alerts whose escalation has stopped. What is being sent right now cannot be called back.
UPDATE deliveries
SET status = 'superseded', settled_at = public.clock_now()
WHERE alert_id = ANY ($1::uuid[]) AND status = 'queued'
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: claim_delivery
-- queued → sending under a new token, if the alert still needs it. The row lock orders this against an
-- acknowledgement: whichever commits first wins, and nothing is claimed after an acknowledgement.
UPDATE deliveries AS d
SET status = 'sending', token = d.token + 1, attempts = d.attempts + 1, bundled_into = NULL,
    lease_until = public.clock_now() + make_interval(secs => $2)
FROM alerts AS a
WHERE d.id = $1 AND d.status = 'queued' AND d.not_before <= public.clock_now() AND a.id = d.alert_id
    AND a.status = 'firing' AND a.escalation_version = d.escalation_version
RETURNING
-- include: claim_columns.sql

-- name: claim_critical_deliveries
-- claim_delivery for many pages of critical alerts, with their timers. What somebody else has locked is passed over, so
-- claims of many rows wait for nobody, in whatever order they meet.
WITH free AS (
    SELECT d.id
    FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
    WHERE d.id = ANY ($1::uuid[]) AND d.status = 'queued' AND d.not_before <= public.clock_now()
        AND a.status = 'firing' AND a.severity = 'critical' AND a.escalation_version = d.escalation_version
    FOR NO KEY UPDATE OF d SKIP LOCKED
), claimed AS (
    UPDATE deliveries AS d
    SET status = 'sending', token = d.token + 1, attempts = d.attempts + 1, bundled_into = NULL,
        lease_until = public.clock_now() + make_interval(secs => $2)
    FROM free, alerts AS a
    WHERE d.id = free.id AND a.id = d.alert_id
    RETURNING
-- include: claim_columns.sql
), timer AS (
    INSERT INTO public.timers AS t (kind, ref, tenant, version, due_at, is_critical)
    SELECT 'delivery', delivery_id, $3, token, lease_until, true FROM claimed ORDER BY delivery_id
    ON CONFLICT (kind, ref) DO UPDATE
    SET version = excluded.version, due_at = excluded.due_at, is_critical = excluded.is_critical
)
SELECT * FROM claimed

-- name: list_queued
SELECT id FROM deliveries WHERE id = ANY ($1::uuid[]) AND status = 'queued'

-- name: claim_unclear_delivery
-- A send whose lease is over: a new token fences the old holder off. Whether it is still needed is decided after the look-up.
UPDATE deliveries AS d
SET token = d.token + 1, lease_until = public.clock_now() + make_interval(secs => $2)
FROM alerts AS a
WHERE d.id = $1 AND d.status = 'sending' AND d.lease_until <= public.clock_now() AND a.id = d.alert_id
RETURNING a.status = 'firing' AND a.escalation_version = d.escalation_version AS still_needed,
    coalesce(d.reason = 'unclear', false) AS was_unclear,
-- include: claim_columns.sql

-- name: load_delivery_state
SELECT d.status, d.not_before, d.lease_until, d.alert_id,
    a.status = 'firing' AND a.escalation_version = d.escalation_version AS still_needed,
    d.bundled_into, l.lease_until AS leader_until
FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id LEFT JOIN deliveries AS l ON l.id = d.bundled_into
WHERE d.id = $1

-- name: supersede_delivery
UPDATE deliveries
SET status = 'superseded', settled_at = public.clock_now(), lease_until = NULL
WHERE id = $1 AND status IN ('queued', 'sending') AND ($2::integer IS NULL OR token = $2)
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: settle_sent
-- Fenced: a holder whose token is old changes nothing, and only leaves its attempt. What is settled has no timer.
WITH told AS (
    SELECT * FROM json_to_recordset($1::json)
        AS n (delivery_id uuid, token integer, outcome text, provider text, provider_id text, detail text)
), settled AS (
    UPDATE deliveries AS d
    SET status = 'sent', lease_until = NULL, provider = t.provider, provider_id = t.provider_id, reason = NULL,
        sent_at = public.clock_now(), settled_at = public.clock_now()
    FROM told AS t
    WHERE d.id = t.delivery_id AND d.token = t.token AND d.status = 'sending'
    RETURNING d.id AS delivery_id, d.alert_id, d.cycle, d.step, d.recipient, d.channel, d.status, d.attempts, d.is_repeat,
        d.provider, d.provider_id, d.reason, d.sent_at, d.bundled_into
), attempt AS (
    INSERT INTO delivery_attempts (delivery_id, token, outcome, provider, provider_id, detail)
    SELECT t.delivery_id, t.token, CASE WHEN s.delivery_id IS NULL THEN 'late' ELSE t.outcome END, t.provider,
        t.provider_id, t.detail
    FROM told AS t LEFT JOIN settled AS s ON s.delivery_id = t.delivery_id
    ON CONFLICT (delivery_id, token, outcome) DO NOTHING
), timer AS (
    DELETE FROM public.timers WHERE kind = 'delivery' AND ref IN (SELECT delivery_id FROM settled)
)
SELECT * FROM settled

-- name: settle_queued_again
UPDATE deliveries
SET status = 'queued', lease_until = NULL, provider = $3, reason = $4, is_repeat = is_repeat OR $5::boolean,
    unclear_attempts = unclear_attempts + ($5::boolean)::integer,
    not_before = public.clock_now() + make_interval(secs => $6)
WHERE id = $1 AND token = $2 AND status = 'sending'
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: settle_unclear
UPDATE deliveries
SET lease_until = public.clock_now() + make_interval(secs => $3), provider = $4, reason = 'unclear'
WHERE id = $1 AND token = $2 AND status = 'sending'
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: settle_failed
UPDATE deliveries
SET status = 'failed', lease_until = NULL, provider = $3, reason = $4, settled_at = public.clock_now()
WHERE id = $1 AND token = $2 AND status = 'sending'
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: insert_attempt
INSERT INTO delivery_attempts (delivery_id, token, outcome, provider, reason, detail)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (delivery_id, token, outcome) DO NOTHING

-- name: lock_delivery
SELECT id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into
FROM deliveries
WHERE id = $1
FOR UPDATE

-- name: apply_callback
UPDATE deliveries
SET status = $2, provider = $3, provider_id = coalesce(provider_id, $4), provider_status = $5, reason = $6,
    lease_until = NULL, sent_at = coalesce(sent_at, public.clock_now()), settled_at = public.clock_now()
WHERE id = $1
RETURNING id, alert_id, cycle, step, recipient, channel, status, attempts, is_repeat, provider, provider_id, reason, sent_at,
    bundled_into

-- name: load_answered_page
SELECT d.alert_id, d.cycle, d.step, d.recipient, d.channel, u.display_name AS person, d.created_at, a.title,
    a.severity, a.status, a.acknowledged_by ->> 'name' AS taken_by
FROM deliveries AS d
JOIN alerts AS a ON a.id = d.alert_id
LEFT JOIN users AS u ON 'user:' || u.id = d.recipient
WHERE d.id = $1

-- name: load_used_channels
SELECT channel FROM deliveries WHERE alert_id = $1 AND cycle = $2 AND step = $3 AND recipient = $4

-- name: step_has_hope
-- Whether any page of the step went out or still may.
SELECT EXISTS (
    SELECT FROM deliveries
    WHERE alert_id = $1 AND cycle = $2 AND step = $3 AND status IN ('queued', 'sending', 'sent', 'delivered')
)

-- name: pull_delivery_forward
-- The earliest page that a step owes its recipient later. Index: the unique key of deliveries.
UPDATE deliveries SET not_before = public.clock_now(), due_at = public.clock_now(), held_for = NULL
WHERE id = (
    SELECT id FROM deliveries
    WHERE alert_id = $1 AND cycle = $2 AND step = $3 AND recipient = $4 AND status = 'queued' AND attempts = 0
        AND not_before > public.clock_now()
    ORDER BY not_before, id
    LIMIT 1
    FOR UPDATE
)
RETURNING id, channel

-- name: insert_audit
INSERT INTO audit_log (actor, action, entity, entity_id, changes, address, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: lock_timers_missing
-- Open alerts without the timer that pages for them or ends their snooze: the sweeper's question, and rule 2 of the
-- ledger. Index: alerts_open, then timers' primary key by both of its columns: with the kind as a constant, Postgres reads
-- the timers of all tenants into a hash for each tenant.
SELECT a.id, a.escalation_version, m.kind, a.snoozed_until
FROM alerts AS a
CROSS JOIN LATERAL (
    SELECT CASE a.escalation_state WHEN 'snoozed' THEN 'snooze' ELSE 'escalation' END AS kind
) AS m
WHERE a.status <> 'resolved' AND a.escalation_state IN ('pending', 'muted', 'snoozed')
    AND NOT EXISTS (SELECT FROM public.timers AS t WHERE t.kind = m.kind AND t.ref = a.id)
ORDER BY a.id
LIMIT 200
FOR NO KEY UPDATE OF a SKIP LOCKED

-- name: lock_heartbeats_missing
-- Heartbeats that are awaited and have no timer. A tenant has few of them.
SELECT h.id, h.due_at
FROM heartbeats AS h LEFT JOIN public.timers AS t ON t.kind = 'heartbeat' AND t.ref = h.id
WHERE h.due_at IS NOT NULL AND t.ref IS NULL
ORDER BY h.id
LIMIT 200
FOR NO KEY UPDATE OF h SKIP LOCKED

-- name: load_auto_close_minutes
-- Null also while a suspension, when nothing could be heard, is less than so long ago.
SELECT c.auto_close_minutes
FROM tenant_config AS c, public.tenants AS t
WHERE t.slug = $1 AND t.status = 'active'
    AND (t.resumed_at IS NULL OR t.resumed_at <= public.clock_now() - make_interval(mins => c.auto_close_minutes))

-- name: find_silent
-- Bounded by a walk over open alerts. Index: alerts_open; one on last_fired_at would make each repeat write to it.
-- The alert of a missed heartbeat is never silent: it stands for silence.
SELECT id, snoozed_until IS NULL AND source <> 'heartbeat'
    AND last_fired_at <= public.clock_now() - make_interval(mins => $1) AS is_silent
FROM alerts
WHERE status <> 'resolved' AND id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
ORDER BY id
LIMIT $3

-- name: load_stirred
-- Index: the timeline's primary key.
SELECT DISTINCT alert_id FROM alert_timeline
WHERE alert_id = ANY ($1::uuid[]) AND kind IN ('reopened', 'unsnoozed')
    AND at > public.clock_now() - make_interval(mins => $2)

-- name: load_open_alert_id
-- Index: alerts_one_open.
SELECT id FROM alerts WHERE fingerprint = $1 AND status <> 'resolved'

-- name: user_is_active
SELECT EXISTS (SELECT FROM users WHERE id = $1 AND is_active)
