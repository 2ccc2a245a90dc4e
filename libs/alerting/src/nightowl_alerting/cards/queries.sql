-- The only SQL that writes what Slack shows of alerts: messages, threads, posts, and the work on them.
-- Unqualified names are the tenant's tables: every query runs inside Database.tenant_tx or after Tx.enter_tenant.
-- Lock order: alert → delivery → card_work → timer → the rest; several rows of card_work by alert.

-- name: owe
-- Cards of changed alerts, where there are any: work and timer. Alerts that Slack does not show cost one look at the
-- primary key of card_work.
WITH held AS (
    SELECT alert_id FROM card_work WHERE alert_id = ANY ($1::uuid[]) ORDER BY alert_id FOR NO KEY UPDATE
), owed AS (
    UPDATE card_work AS w SET wanted = wanted + 1 FROM held WHERE w.alert_id = held.alert_id
    RETURNING w.alert_id, w.busy_until
)
INSERT INTO public.timers AS t (kind, ref, tenant, version, due_at)
SELECT 'card', alert_id, $2, 0, greatest(public.clock_now(), busy_until) FROM owed ORDER BY alert_id
ON CONFLICT (kind, ref) DO UPDATE SET due_at = excluded.due_at

-- name: insert_refs
INSERT INTO message_refs (conversation, ts, alert_id, delivery_id, thread_ts, shown)
SELECT n.conversation, n.ts, n.alert_id, n.delivery_id, n.thread_ts, n.shown
FROM json_to_recordset($1::json)
    AS n (conversation text, ts text, alert_id uuid, delivery_id uuid, thread_ts text, shown text)
ON CONFLICT (conversation, ts) DO NOTHING

-- name: insert_thread
-- What the timeline held when the page was owed is told by the page itself. A thread that is there already stays,
-- unless it is gone in Slack or the page says ($6) that it stands by itself.
INSERT INTO slack_threads AS t (alert_id, conversation, address, ts, told_id)
VALUES ($1, $2, $3, $4, coalesce(
    (
        SELECT e.id
        FROM alert_timeline AS e JOIN deliveries AS d ON d.alert_id = e.alert_id
        WHERE e.alert_id = $1 AND d.id = $5 AND e.at <= d.created_at
        ORDER BY e.id DESC
        LIMIT 1
    ),
    '00000000-0000-0000-0000-000000000000'
))
ON CONFLICT (alert_id, conversation) DO UPDATE
SET ts = excluded.ts, address = excluded.address, ended_reason = NULL
WHERE $6::boolean OR t.ended_reason IS NOT NULL

-- name: begin_work
-- The first pages of alerts, before they are sent. While an alert is held nobody changes it, and whoever does so after
-- this commit finds the row and counts. An alert that somebody is changing is not held, and no row comes back.
WITH held AS (SELECT id FROM alerts WHERE id = ANY ($1::uuid[]) FOR SHARE SKIP LOCKED)
INSERT INTO card_work (alert_id, busy_until)
SELECT id, public.clock_now() FROM held ORDER BY id
ON CONFLICT (alert_id) DO NOTHING
RETURNING alert_id

-- name: settle_work
-- Waits for whoever is changing the alerts, so that what comes back counts every change that is committed.
WITH held AS (
    SELECT alert_id FROM card_work WHERE alert_id = ANY ($1::uuid[]) ORDER BY alert_id FOR NO KEY UPDATE
)
UPDATE card_work AS w SET busy_until = greatest(w.busy_until, public.clock_now() + make_interval(secs => $2))
FROM held
WHERE w.alert_id = held.alert_id
RETURNING w.alert_id, w.wanted

-- name: insert_work
INSERT INTO card_work (alert_id, busy_until)
SELECT alert_id, public.clock_now() + make_interval(secs => $2) FROM unnest($1::uuid[]) AS n (alert_id) ORDER BY alert_id
ON CONFLICT (alert_id) DO NOTHING

-- name: load_thread
-- Where an alert's pages to a channel belong.
SELECT ts FROM slack_threads WHERE alert_id = $1 AND address = $2 AND ended_reason IS NULL ORDER BY conversation LIMIT 1

-- name: load_cards
-- Alerts, whom each went to in its running escalation, and the incident that is known. Indexes: primary keys, the unique key of deliveries.
SELECT a.id AS alert_id, a.status, a.severity, a.source, a.title, a.description, a.labels, a.annotations,
    a.occurrence_count, a.first_fired_at, a.acknowledged_at, a.acknowledged_by, a.resolved_at, a.resolved_by,
    a.resolution, a.escalation_state, a.escalation_reason, a.tier, a.snoozed_until, a.match_kind,
    u.display_name AS assignee, i.title AS fix_title, left(i.solution, 3000) AS fix_solution, r.title AS fix_runbook,
    array(
        SELECT p.name
        FROM (
            SELECT coalesce(w.display_name, n.name, d.address) AS name, min(d.created_at) AS since
            FROM deliveries AS d
            LEFT JOIN users AS w ON d.recipient = 'user:' || w.id
            LEFT JOIN endpoints AS n ON d.recipient = 'endpoint:' || n.id
            WHERE d.alert_id = a.id AND d.episode = a.episode AND d.cycle >= a.first_cycle AND d.status <> 'superseded'
            GROUP BY 1
        ) AS p
        ORDER BY p.since, p.name
        LIMIT 20
    ) AS paged
FROM alerts AS a
LEFT JOIN users AS u ON u.id = a.assignee_id
LEFT JOIN incidents AS i ON i.id = a.matched_incident_id
LEFT JOIN runbooks AS r ON r.id = i.runbook_id
WHERE a.id = ANY ($1::uuid[])

-- name: load_due
-- Without locks: the claim decides. Tenants that have no room now ($2) and suspended ones are passed over.
-- Indexes: timers_due, tenants_suspended.
SELECT kind, ref, tenant, version, due_at
FROM public.timers
WHERE kind = 'card' AND due_at <= public.clock_now() AND tenant <> ALL ($2::text[])
    AND tenant NOT IN (SELECT slug FROM public.tenants WHERE status = 'suspended')
ORDER BY due_at
LIMIT $1

-- name: hold_alert
-- An alert that somebody is changing is left for the next round: so nothing that is committed later was overlooked.
SELECT true FROM alerts WHERE id = $1 FOR SHARE SKIP LOCKED

-- name: card_exists
SELECT EXISTS (SELECT FROM card_work WHERE alert_id = $1)

-- name: claim
UPDATE card_work SET token = token + 1, busy_until = public.clock_now() + make_interval(secs => $2)
WHERE alert_id = $1 AND busy_until <= public.clock_now()
RETURNING token, wanted, failures

-- name: set_timer
INSERT INTO public.timers (kind, ref, tenant, version, due_at)
SELECT 'card', alert_id, $2, 0, busy_until FROM card_work WHERE alert_id = $1
ON CONFLICT (kind, ref) DO UPDATE SET due_at = excluded.due_at

-- name: owe_posts
-- New lines of the timeline become posts, in every thread of the alert. A tier that pages the channel itself is told by
-- that page. Index: the timeline's primary key.
WITH fresh AS (
    SELECT t.conversation, t.address, e.id, e.kind, e.evidence
    FROM slack_threads AS t JOIN alert_timeline AS e ON e.alert_id = t.alert_id AND e.id > t.told_id
    WHERE t.alert_id = $1 AND t.ended_reason IS NULL
), posts AS (
    INSERT INTO thread_posts (alert_id, conversation, entry_id)
    SELECT $1, f.conversation, f.id
    FROM fresh AS f
    WHERE (f.kind = ANY ($2::text[]) OR f.kind = ANY ($3::text[]) AND NOT (SELECT quiet_threads FROM tenant_config))
        AND NOT (f.kind = 'escalated' AND EXISTS (
            SELECT FROM deliveries AS d
            WHERE d.alert_id = $1 AND d.cycle = (f.evidence ->> 'cycle')::integer
                AND d.step = (f.evidence ->> 'tier')::integer AND d.channel = 'slack_channel'
                AND d.address IN (f.address, f.conversation)
        ))
    ON CONFLICT DO NOTHING
)
UPDATE slack_threads AS t SET told_id = n.id
FROM (SELECT DISTINCT ON (conversation) conversation, id FROM fresh ORDER BY conversation, id DESC) AS n
WHERE t.alert_id = $1 AND t.conversation = n.conversation

-- name: load_refs
SELECT m.conversation, m.ts, m.delivery_id, m.shown, coalesce(d.is_repeat, false) AS is_repeat
FROM message_refs AS m LEFT JOIN deliveries AS d ON d.id = m.delivery_id
WHERE m.alert_id = $1 AND m.ended_reason IS NULL
ORDER BY m.posted_at, m.ts

-- name: take_posts
-- The next post of each thread, marked as being sent from now on; `is_unclear` says that it was before. Posts give way:
-- none goes into a channel for which a page waits, since Slack counts both. Indexes: thread_posts_open, deliveries_unsettled.
WITH next AS (
    SELECT DISTINCT ON (p.conversation) p.conversation, p.entry_id, p.status = 'sending' AS is_unclear
    FROM thread_posts AS p JOIN slack_threads AS t ON t.alert_id = p.alert_id AND t.conversation = p.conversation
    WHERE p.alert_id = $1 AND p.status IN ('owed', 'sending')
        AND NOT EXISTS (
            SELECT FROM deliveries AS d
            WHERE d.status IN ('queued', 'sending') AND d.channel = 'slack_channel'
                AND d.address IN (t.address, t.conversation)
                AND (d.not_before <= public.clock_now() OR d.attempts > 0)
        )
    ORDER BY p.conversation, p.entry_id
), marked AS (
    UPDATE thread_posts AS p SET status = 'sending'
    FROM next AS n
    WHERE p.alert_id = $1 AND p.conversation = n.conversation AND p.entry_id = n.entry_id
)
SELECT n.conversation, t.ts AS thread_ts, n.entry_id, n.is_unclear, e.at, e.kind, e.actor, e.evidence
FROM next AS n
JOIN slack_threads AS t ON t.alert_id = $1 AND t.conversation = n.conversation
JOIN alert_timeline AS e ON e.alert_id = $1 AND e.id = n.entry_id
ORDER BY n.conversation

-- name: load_names
SELECT id::text AS id, display_name AS name FROM users WHERE id = ANY ($1::uuid[])
UNION ALL
SELECT id::text, name FROM endpoints WHERE id = ANY ($1::uuid[])

-- name: finish
UPDATE card_work SET failures = $3, busy_until = public.clock_now() + make_interval(secs => $4)
WHERE alert_id = $1 AND token = $2
RETURNING wanted

-- name: posts_are_left
SELECT EXISTS (SELECT FROM thread_posts WHERE alert_id = $1 AND status IN ('owed', 'sending'))

-- name: set_shown
UPDATE message_refs SET shown = $3 WHERE conversation = $1 AND ts = $2

-- name: end_ref
UPDATE message_refs SET ended_reason = $3 WHERE conversation = $1 AND ts = $2

-- name: set_post
UPDATE thread_posts SET status = $4, ts = $5, reason = $6 WHERE alert_id = $1 AND conversation = $2 AND entry_id = $3

-- name: end_thread
-- Its first message or its channel is gone: what was to be told there is told nowhere.
WITH thread AS (
    UPDATE slack_threads SET ended_reason = $3 WHERE alert_id = $1 AND conversation = $2
)
UPDATE thread_posts SET status = 'failed', reason = $3
WHERE alert_id = $1 AND conversation = $2 AND status IN ('owed', 'sending')
