-- The only SQL of the notifier itself; what concerns deliveries is the kernel's.
-- Unqualified names are the tenant's tables: every query runs inside tenant_tx.

-- name: load_channels
-- Which channel each delivery goes over. Index: the primary key.
SELECT id, channel FROM deliveries WHERE id = ANY ($1::uuid[])

-- name: insert_local_page
-- One row per delivery however often it is tried. Index: local_outbox_delivery_id_key.
INSERT INTO local_outbox (delivery_id, alert_id, channel, recipient, address, body)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (delivery_id) DO NOTHING

-- name: load_local_page
SELECT id FROM local_outbox WHERE delivery_id = $1

-- name: load_pages_to_number
-- Newest first. Index: deliveries_phone.
SELECT d.id AS delivery_id, d.alert_id, a.title, a.status = 'firing' AS is_open
FROM deliveries AS d JOIN alerts AS a ON a.id = d.alert_id
WHERE d.address = $1 AND d.channel IN ('sms', 'phone') AND d.status IN ('sending', 'sent', 'delivered')
ORDER BY d.id DESC
LIMIT $2

-- name: load_endpoint
SELECT kind, url, secret FROM endpoints WHERE id = $1

-- name: claim_test_page
-- queued → sending. It is tried once, so nobody claims it again.
UPDATE test_pages SET status = 'sending', lease_until = public.clock_now() + make_interval(secs => $2)
WHERE id = $1 AND status = 'queued'
RETURNING id, user_id, channel, address, purpose, created_at

-- name: keep_code
-- Before it goes out, so that it is good when it arrives.
UPDATE test_pages SET code_hash = $2, expires_at = public.clock_now() + make_interval(mins => $3)
WHERE id = $1 AND status = 'sending'

-- name: settle_test_page
-- A code that was surely not sent proves nothing.
UPDATE test_pages
SET status = $2, provider = $3, provider_id = $4, reason = $5, detail = $6, lease_until = NULL,
    settled_at = public.clock_now(), code_hash = CASE WHEN $2 <> 'failed' THEN code_hash END
WHERE id = $1 AND status = 'sending'

-- name: end_test_page
-- The process that had it is gone: it may have arrived.
UPDATE test_pages
SET status = 'unclear', lease_until = NULL, settled_at = public.clock_now(), detail = 'nobody can say whether it was sent'
WHERE id = $1 AND status = 'sending' AND lease_until <= public.clock_now()

-- name: test_page_is_open
SELECT EXISTS (SELECT FROM test_pages WHERE id = $1 AND status IN ('queued', 'sending'))

-- name: remember_request
-- One row per request, whichever replica got it. Index: the primary key.
INSERT INTO public.slack_requests (digest) VALUES ($1)
ON CONFLICT (digest) DO NOTHING
RETURNING digest

-- name: forget_requests
-- Index: slack_requests_seen.
DELETE FROM public.slack_requests WHERE seen_at < public.clock_now() - make_interval(mins => $1)

-- name: find_people
-- Their own id, or the address of a contact method that they have proved to be theirs. Two at most: one is wanted.
SELECT u.id, u.display_name AS name, u.role, u.timezone
FROM users AS u
WHERE u.is_active AND (
    u.slack_user_id = $1
    OR EXISTS (
        SELECT FROM contact_methods AS m
        WHERE m.user_id = u.id AND m.kind = 'slack_dm' AND m.address = $1 AND m.verified_at IS NOT NULL
    )
)
ORDER BY u.id
LIMIT 2

-- name: lock_person_by_email
-- Nobody else's Slack id is replaced. Two whose addresses differ in case alone are nobody.
SELECT id, display_name AS name, role, timezone
FROM users
WHERE lower(email) = lower($1) AND is_active AND slack_user_id IS NULL
    AND (SELECT count(*) FROM users AS o WHERE lower(o.email) = lower($1)) = 1
FOR NO KEY UPDATE

-- name: set_slack_user_id
UPDATE users SET slack_user_id = $2, revision = revision + 1, updated_at = public.clock_now() WHERE id = $1

-- name: list_rosters
SELECT id, name, timezone FROM rosters ORDER BY name LIMIT 1000

-- name: load_names
SELECT id, display_name AS name, timezone FROM users WHERE id = ANY ($1::uuid[])

-- name: load_open_pages
-- Alerts that are not over are few. Indexes: alerts_open, the unique key of deliveries.
SELECT d.id AS delivery_id, d.alert_id, a.title, a.status, d.recipient = $1 AS is_mine
FROM alerts AS a JOIN deliveries AS d ON d.alert_id = a.id
WHERE a.status <> 'resolved' AND d.status IN ('sending', 'sent', 'delivered')
ORDER BY d.id DESC
LIMIT $2

-- name: load_alert_card
SELECT a.id, a.title, a.status, a.fingerprint, a.acknowledged_by ->> 'name' AS taken_by,
    a.resolved_by ->> 'name' AS resolved_by, f.incident_id, i.title AS known_as
FROM alerts AS a
LEFT JOIN incident_fingerprints AS f ON f.fingerprint = a.fingerprint
LEFT JOIN incidents AS i ON i.id = f.incident_id
WHERE a.id = $1

-- name: claim_canary_firing
-- One of any number of notifiers fires.
UPDATE public.canary AS c
SET fired_at = public.clock_now()
FROM (SELECT fired_at FROM public.canary FOR UPDATE) AS old
WHERE old.fired_at IS NULL OR old.fired_at <= public.clock_now() - make_interval(secs => $1)
RETURNING c.fired_at, old.fired_at AS previous_at

-- name: note_canary_arrival
UPDATE public.canary
SET arrived_at = public.clock_now(),
    round_trip_seconds = greatest(0, extract(epoch FROM public.clock_now() - $1::timestamptz))

-- name: claim_canary_news
-- An arrival of a while ago is no news: it says nothing about now.
UPDATE public.canary
SET told_at = arrived_at
WHERE arrived_at IS NOT NULL AND told_at IS DISTINCT FROM arrived_at
    AND arrived_at > public.clock_now() - interval '1 minute'
RETURNING true
