-- The tenant's settings: one row.

-- name: load_config
SELECT auto_close_minutes, timezone, default_policy_id, slack_channel, quiet_threads, keep_alerts_days, keep_payloads_days,
    keep_deliveries_days, keep_audit_days, page_limits, revision,
    (SELECT t.severity_words FROM public.tenants AS t WHERE t.slug = $1) AS severity_words
FROM tenant_config

-- name: lock_config
SELECT auto_close_minutes, timezone, default_policy_id, slack_channel, quiet_threads, keep_alerts_days, keep_payloads_days,
    keep_deliveries_days, keep_audit_days, page_limits, revision,
    (SELECT t.severity_words FROM public.tenants AS t WHERE t.slug = $1) AS severity_words
FROM tenant_config
FOR NO KEY UPDATE

-- name: update_config
UPDATE tenant_config
SET auto_close_minutes = $1, timezone = $2, default_policy_id = $3, slack_channel = $4, keep_alerts_days = $5,
    keep_payloads_days = $6, keep_deliveries_days = $7, keep_audit_days = $8, quiet_threads = $9, page_limits = $10,
    revision = revision + 1

-- name: update_severity_words
-- The registry's row is left alone where they stay as they are.
UPDATE public.tenants SET severity_words = $2 WHERE slug = $1 AND severity_words IS DISTINCT FROM $2

-- name: policy_exists
SELECT EXISTS (SELECT FROM escalation_policies WHERE id = $1 AND archived_at IS NULL)
