-- A demo tenant is made anew.

-- name: find_tenant
SELECT t.status, EXISTS (SELECT FROM public.api_keys AS k WHERE k.tenant = t.slug AND k.key_hash = $2) AS is_demo
FROM public.tenants AS t
WHERE t.slug = $1

-- name: load_admins
SELECT username, password_hash, must_change FROM public.local_admins WHERE tenant = $1 ORDER BY username

-- name: make_old
UPDATE public.tenants SET created_at = $2 WHERE slug = $1

-- name: insert_timers
INSERT INTO public.timers (kind, ref, tenant, version, due_at)
SELECT kind, ref, $1, version, due_at
FROM jsonb_to_recordset($2::text::jsonb) AS t (kind text, ref uuid, version integer, due_at timestamptz)

-- name: insert_demo_key
INSERT INTO public.api_keys (tenant, prefix, key_hash, role, description)
VALUES ($1, $2, $3, 'admin', 'demo key, known to everybody')

-- name: configure
UPDATE tenant_config SET timezone = $1, default_policy_id = $2, slack_channel = $3

-- name: analyze
-- Or the first pages would be planned for empty tables.
ANALYZE alerts, alert_timeline, deliveries, escalation_events, incidents, audit_log
