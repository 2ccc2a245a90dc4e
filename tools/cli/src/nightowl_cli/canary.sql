-- The canary's tenant. Every statement leaves alone what is there.

-- name: insert_policy
INSERT INTO escalation_policies (id, name, description)
VALUES ('00000000-0000-7000-8000-0000000ca9a1', 'Canary', 'Pages the sink of the notifier, and nobody')
ON CONFLICT DO NOTHING

-- name: insert_policy_version
INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count) VALUES (
    '00000000-0000-7000-8000-0000000ca9a1', 1,
    '[{"timeout_minutes": 60, "notify_via": ["slack_channel"], "targets": ["channel:canary"]}]'::jsonb, 0
)
ON CONFLICT DO NOTHING

-- name: set_config
-- What is left open by a lost resolve is closed; nothing is kept for longer than can be said.
UPDATE tenant_config
SET default_policy_id = '00000000-0000-7000-8000-0000000ca9a1', auto_close_minutes = 10, keep_alerts_days = 7,
    keep_payloads_days = 1, keep_deliveries_days = 7, keep_audit_days = 30

-- name: insert_canary
INSERT INTO public.canary DEFAULT VALUES ON CONFLICT DO NOTHING

-- name: delete_canary
DELETE FROM public.canary
