-- Generated from the tenant migrations by `nightowl generate`; do not edit, nothing runs it.

CREATE SCHEMA tenant;

CREATE TABLE tenant.admin_preferences (
    local_admin_id uuid NOT NULL,
    preferences jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT admin_preferences_preferences_check CHECK ((jsonb_typeof(preferences) = 'object'::text))
);

COMMENT ON TABLE tenant.admin_preferences IS 'What users.preferences is for people. Local admins are shared rows, so no foreign key.';

CREATE TABLE tenant.alert_groups (
    id uuid NOT NULL,
    rule_id uuid,
    name text NOT NULL,
    key jsonb NOT NULL,
    pages text NOT NULL,
    lead_id uuid,
    opened_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    last_added_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT alert_groups_pages_check CHECK ((pages = ANY (ARRAY['first'::text, 'each'::text])))
);

COMMENT ON COLUMN tenant.alert_groups.lead_id IS 'The alert that pages for the group.';

COMMENT ON COLUMN tenant.alert_groups.closed_at IS 'It takes no more alerts. Whether something is wrong is told by its alerts, not by this.';

CREATE TABLE tenant.alert_payloads (
    alert_id uuid NOT NULL,
    occasion text NOT NULL,
    receipt_id uuid NOT NULL,
    item integer NOT NULL,
    source text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    is_cut boolean DEFAULT false NOT NULL,
    raw text NOT NULL,
    CONSTRAINT alert_payloads_occasion_check CHECK ((occasion = ANY (ARRAY['opening'::text, 'latest'::text])))
)
WITH (fillfactor='85');

COMMENT ON TABLE tenant.alert_payloads IS 'At most two rows per alert, however often it repeats. No foreign key: its only writer has just written the alert.';

COMMENT ON COLUMN tenant.alert_payloads.is_cut IS 'raw holds only the first 64 KiB.';

CREATE TABLE tenant.alert_timeline (
    alert_id uuid NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    kind text NOT NULL,
    actor jsonb NOT NULL,
    evidence jsonb DEFAULT '{}'::jsonb NOT NULL
);

COMMENT ON TABLE tenant.alert_timeline IS 'Append only: every decision about the alert, with its evidence. No foreign key: it is the busiest table, and its only writer has just written the alert.';

CREATE TABLE tenant.alert_votes (
    alert_id uuid NOT NULL,
    voter_id text NOT NULL,
    incident_id uuid NOT NULL,
    voter jsonb NOT NULL,
    helped boolean NOT NULL,
    reason text,
    at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT alert_votes_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT alert_votes_voter_id_check CHECK ((voter_id <> ''::text))
);

COMMENT ON TABLE tenant.alert_votes IS 'Whether an incident helped with an alert: one answer for each who was asked.';

COMMENT ON COLUMN tenant.alert_votes.voter_id IS 'Kind and id of the actor: a person, a local admin or a key, so no foreign key.';

COMMENT ON COLUMN tenant.alert_votes.incident_id IS 'What was known for the alert when it was answered.';

CREATE TABLE tenant.alerts (
    id uuid NOT NULL,
    fingerprint text NOT NULL,
    episode integer NOT NULL,
    previous_id uuid,
    status text NOT NULL,
    severity text NOT NULL,
    source text NOT NULL,
    title text NOT NULL,
    description text,
    labels jsonb DEFAULT '{}'::jsonb NOT NULL,
    annotations jsonb DEFAULT '{}'::jsonb NOT NULL,
    generator_url text,
    agent jsonb,
    service_id uuid,
    occurrence_count integer DEFAULT 1 NOT NULL,
    starts_at timestamp with time zone,
    first_fired_at timestamp with time zone NOT NULL,
    last_fired_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by jsonb,
    resolved_at timestamp with time zone,
    resolved_by jsonb,
    ended_at timestamp with time zone,
    resolution text,
    policy_id uuid,
    policy_version integer,
    escalation_state text NOT NULL,
    escalation_reason text NOT NULL,
    escalation_version integer DEFAULT 0 NOT NULL,
    cycle integer DEFAULT 0 NOT NULL,
    tier integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    snoozed_until timestamp with time zone,
    assignee_id uuid,
    first_cycle integer DEFAULT 0 NOT NULL,
    urgency smallint GENERATED ALWAYS AS (((4 *
CASE status
    WHEN 'firing'::text THEN
    CASE
        WHEN (snoozed_until IS NULL) THEN 4
        ELSE 3
    END
    WHEN 'acknowledged'::text THEN 2
    WHEN 'investigating'::text THEN 1
    ELSE 0
END) +
CASE severity
    WHEN 'critical'::text THEN 3
    WHEN 'major'::text THEN 2
    WHEN 'warning'::text THEN 1
    ELSE 0
END)) STORED NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, (("left"(title, 4000) || ' '::text) || "left"(COALESCE(description, ''::text), 16000)))) STORED,
    matched_incident_id uuid,
    match_kind text,
    match_score double precision,
    group_id uuid,
    pages_from text DEFAULT 'major'::text NOT NULL,
    slack_channel text,
    muted_by jsonb,
    ignores_mutes boolean DEFAULT false NOT NULL,
    trace text,
    last_started_at timestamp with time zone,
    last_received_at timestamp with time zone,
    CONSTRAINT alerts_check CHECK (((acknowledged_at IS NOT NULL) OR (status <> ALL (ARRAY['acknowledged'::text, 'investigating'::text])))),
    CONSTRAINT alerts_check1 CHECK (((resolved_at IS NOT NULL) = (status = 'resolved'::text))),
    CONSTRAINT alerts_check2 CHECK (((status = 'firing'::text) OR (escalation_state <> 'pending'::text))),
    CONSTRAINT alerts_check3 CHECK (((policy_id IS NULL) = (policy_version IS NULL))),
    CONSTRAINT alerts_episode_check CHECK ((episode > 0)),
    CONSTRAINT alerts_escalation_state_check CHECK ((escalation_state = ANY (ARRAY['none'::text, 'pending'::text, 'muted'::text, 'stopped'::text, 'exhausted'::text, 'snoozed'::text]))),
    CONSTRAINT alerts_fingerprint_check CHECK ((fingerprint <> ''::text)),
    CONSTRAINT alerts_match_kind_check CHECK ((match_kind = ANY (ARRAY['fingerprint'::text, 'text'::text, 'pattern'::text, 'learned'::text]))),
    CONSTRAINT alerts_match_score_check CHECK (((match_score >= (0)::double precision) AND (match_score <= (1)::double precision))),
    CONSTRAINT alerts_muted_check CHECK (((muted_by IS NOT NULL) = (escalation_state = 'muted'::text))),
    CONSTRAINT alerts_muted_firing_check CHECK (((status = 'firing'::text) OR (escalation_state <> 'muted'::text))),
    CONSTRAINT alerts_occurrence_count_check CHECK ((occurrence_count > 0)),
    CONSTRAINT alerts_pages_from_check CHECK ((pages_from = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text, 'never'::text]))),
    CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text]))),
    CONSTRAINT alerts_slack_channel_check CHECK ((slack_channel <> ''::text)),
    CONSTRAINT alerts_snoozed_check CHECK (((snoozed_until IS NOT NULL) = (escalation_state = 'snoozed'::text))),
    CONSTRAINT alerts_status_check CHECK ((status = ANY (ARRAY['firing'::text, 'acknowledged'::text, 'investigating'::text, 'resolved'::text])))
)
WITH (fillfactor='85');

COMMENT ON COLUMN tenant.alerts.ended_at IS 'The end by the source''s own clock, when it told one.';

COMMENT ON COLUMN tenant.alerts.escalation_reason IS 'Why the escalation is in its state, in words for people: every open alert without a timer has one.';

COMMENT ON COLUMN tenant.alerts.escalation_version IS 'Bumped when what is owed changes (ack, resolve); timers and deliveries of an older one are void.';

COMMENT ON COLUMN tenant.alerts.tier IS 'The tier that the pending timer will page, from 0.';

COMMENT ON COLUMN tenant.alerts.snoozed_until IS 'Nothing pages until then; a timer of kind snooze ends it.';

COMMENT ON COLUMN tenant.alerts.assignee_id IS 'Who is asked to look after it. Says nothing about paging.';

COMMENT ON COLUMN tenant.alerts.first_cycle IS 'The cycle that the running escalation began with: a second start goes on counting, so that its pages are new ones.';

COMMENT ON COLUMN tenant.alerts.urgency IS 'The order of the list, higher is more urgent: firing, snoozed, acknowledged, investigating, resolved; within each by severity. Status and severity can be told from it.';

COMMENT ON COLUMN tenant.alerts.search IS 'Words of title and description, without stemming: alerts are in any language.';

COMMENT ON COLUMN tenant.alerts.match_kind IS 'How the incident was found when the alert opened; learned: it was written from this very alert.';

COMMENT ON COLUMN tenant.alerts.pages_from IS 'What its route said: the lowest severity that pages.';

COMMENT ON COLUMN tenant.alerts.slack_channel IS 'What its route said: where slack_channel pages go; null: the tenant''s.';

COMMENT ON COLUMN tenant.alerts.muted_by IS 'What keeps the due tier from paging: {kind, id, name, until, alert_id}. Its timer judges it again.';

COMMENT ON COLUMN tenant.alerts.ignores_mutes IS 'Somebody escalated it by hand while it was muted: a person''s word beats a rule.';

COMMENT ON COLUMN tenant.alerts.trace IS 'W3C traceparent of the work that opened it; what is done for the alert later goes on from there.';

COMMENT ON COLUMN tenant.alerts.last_started_at IS 'The latest start that its source told of. Null: its last firing told of none.';

COMMENT ON COLUMN tenant.alerts.last_received_at IS 'When the latest of its firings was received. Null: before there was this column.';

CREATE TABLE tenant.audit_head (
    one_row boolean DEFAULT true NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    hash bytea DEFAULT '\x'::bytea NOT NULL,
    anchor_seq bigint DEFAULT 0 NOT NULL,
    anchor_hash bytea DEFAULT '\x'::bytea NOT NULL,
    CONSTRAINT audit_head_one_row_check CHECK (one_row)
)
WITH (fillfactor='50');

COMMENT ON TABLE tenant.audit_head IS 'The end of the audit log''s chain, and the last row that retention has removed.';

CREATE TABLE tenant.audit_log (
    id uuid DEFAULT uuidv7() NOT NULL,
    at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    actor jsonb NOT NULL,
    action text NOT NULL,
    entity text NOT NULL,
    entity_id uuid,
    changes jsonb DEFAULT '{}'::jsonb NOT NULL,
    address text,
    request_id text,
    seq bigint,
    hash bytea,
    CONSTRAINT audit_log_hash_check CHECK ((length(hash) = 32))
);

COMMENT ON TABLE tenant.audit_log IS 'Written in the transaction of the change it tells of, and chained at its commit.';

COMMENT ON COLUMN tenant.audit_log.address IS 'Where the API call came from; null when none stands behind it.';

COMMENT ON COLUMN tenant.audit_log.seq IS 'The place in the chain, from 1, in the order of commits. Null only inside the transaction that writes the row.';

CREATE TABLE tenant.bulk_job_items (
    job_id uuid NOT NULL,
    "position" integer NOT NULL,
    alert_id uuid NOT NULL,
    outcome text,
    code text,
    reason text,
    CONSTRAINT bulk_job_items_check CHECK (((NOT (outcome IS DISTINCT FROM 'failed'::text)) = (code IS NOT NULL))),
    CONSTRAINT bulk_job_items_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text])))
);

COMMENT ON TABLE tenant.bulk_job_items IS 'The outcome is written in the commit of the change itself, so each alert is changed once, whoever is killed.';

CREATE TABLE tenant.bulk_jobs (
    id uuid NOT NULL,
    actor jsonb NOT NULL,
    command jsonb NOT NULL,
    total integer NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT bulk_jobs_total_check CHECK (((total >= 0) AND (total <= 10000)))
);

COMMENT ON TABLE tenant.bulk_jobs IS 'One change asked for many alerts. A timer of kind bulk stands for it until it is finished.';

CREATE TABLE tenant.card_work (
    alert_id uuid NOT NULL,
    wanted integer DEFAULT 0 NOT NULL,
    token integer DEFAULT 0 NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    busy_until timestamp with time zone NOT NULL
)
WITH (fillfactor='60');

COMMENT ON TABLE tenant.card_work IS 'Alerts that Slack shows. While something is owed there is a timer of kind card; it is due when busy_until is over.';

COMMENT ON COLUMN tenant.card_work.wanted IS 'Rises with every change: whoever has brought Slack up to date sees whether there was another one meanwhile.';

COMMENT ON COLUMN tenant.card_work.busy_until IS 'Somebody''s lease, a pause between two edits, or a wait that Slack asked for.';

CREATE TABLE tenant.contact_methods (
    id uuid DEFAULT uuidv7() NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    verified_at timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT contact_methods_address_check CHECK ((address <> ''::text)),
    CONSTRAINT contact_methods_kind_check CHECK ((kind = ANY (ARRAY['slack_dm'::text, 'sms'::text, 'phone'::text, 'email'::text, 'push'::text]))),
    CONSTRAINT contact_methods_position_check CHECK (("position" >= 0))
);

COMMENT ON TABLE tenant.contact_methods IS 'Where a person can be reached beside what their own row says. Only verified ones are paged: of one kind the first by position, before the address in users.';

CREATE TABLE tenant.deliveries (
    id uuid NOT NULL,
    alert_id uuid NOT NULL,
    episode integer NOT NULL,
    cycle integer NOT NULL,
    step integer NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    escalation_version integer NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    unclear_attempts integer DEFAULT 0 NOT NULL,
    is_repeat boolean DEFAULT false NOT NULL,
    token integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    not_before timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    provider text,
    provider_id text,
    provider_status text,
    reason text,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    sent_at timestamp with time zone,
    settled_at timestamp with time zone,
    due_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    held_for text,
    bundled_into uuid,
    CONSTRAINT deliveries_address_check CHECK ((address <> ''::text)),
    CONSTRAINT deliveries_check CHECK (((lease_until IS NOT NULL) = (status = 'sending'::text))),
    CONSTRAINT deliveries_check1 CHECK (((status <> 'failed'::text) OR (reason IS NOT NULL))),
    CONSTRAINT deliveries_held_for_check CHECK ((held_for = ANY (ARRAY['limit'::text, 'quiet_hours'::text]))),
    CONSTRAINT deliveries_recipient_check CHECK ((recipient ~ '^(user|channel|endpoint):.+'::text)),
    CONSTRAINT deliveries_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'superseded'::text])))
)
WITH (fillfactor='80');

COMMENT ON TABLE tenant.deliveries IS 'One page to one recipient over one channel for one step: written before any provider is called.';

COMMENT ON COLUMN tenant.deliveries.unclear_attempts IS 'Attempts of which nobody can say whether they arrived.';

COMMENT ON COLUMN tenant.deliveries.token IS 'Fencing token: bumped by each claim; a result with an older one is refused.';

COMMENT ON COLUMN tenant.deliveries.due_at IS 'When it was to go out. From here on failing over to the next contact method is counted.';

COMMENT ON COLUMN tenant.deliveries.held_for IS 'Why it is or was held until not_before: a limit per person and channel, or the person''s quiet hours.';

COMMENT ON COLUMN tenant.deliveries.bundled_into IS 'The delivery whose message told of this one too; null: it had a message of its own. No foreign key: retention may remove that one first.';

CREATE TABLE tenant.delivery_attempts (
    delivery_id uuid NOT NULL,
    token integer NOT NULL,
    outcome text NOT NULL,
    provider text NOT NULL,
    provider_id text,
    reason text,
    detail text,
    finished_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT delivery_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'failed'::text, 'unclear'::text, 'found'::text, 'late'::text, 'superseded'::text])))
);

CREATE TABLE tenant.endpoints (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    url text NOT NULL,
    secret text,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT endpoints_check CHECK (((secret IS NOT NULL) = (kind = 'webhook'::text))),
    CONSTRAINT endpoints_kind_check CHECK ((kind = ANY (ARRAY['webhook'::text, 'mattermost'::text, 'teams'::text]))),
    CONSTRAINT endpoints_name_check CHECK ((name <> ''::text)),
    CONSTRAINT endpoints_secret_check CHECK ((secret <> ''::text)),
    CONSTRAINT endpoints_url_check CHECK ((url ~ '^https?://[^[:space:]]+$'::text))
);

COMMENT ON TABLE tenant.endpoints IS 'Addresses outside that pages are posted to. A tier names one as the target endpoint:<id>.';

COMMENT ON COLUMN tenant.endpoints.kind IS 'The channel that its pages travel over.';

COMMENT ON COLUMN tenant.endpoints.url IS 'Whoever has it can post in the room behind it: never shown again.';

COMMENT ON COLUMN tenant.endpoints.secret IS 'Signs what is posted to a webhook.';

CREATE TABLE tenant.escalation_events (
    alert_id uuid NOT NULL,
    cycle integer NOT NULL,
    tier integer NOT NULL,
    outcome text NOT NULL,
    recipients text[] DEFAULT '{}'::text[] NOT NULL,
    due_at timestamp with time zone NOT NULL,
    fired_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT escalation_events_outcome_check CHECK ((outcome = ANY (ARRAY['paged'::text, 'nobody'::text, 'exhausted'::text, 'handed_over'::text])))
);

COMMENT ON TABLE tenant.escalation_events IS 'Each tier once per cycle: when it was due and when it fired.';

COMMENT ON COLUMN tenant.escalation_events.tier IS 'From 0; from 1000 on, pages to a person to whom the alert was handed over.';

CREATE TABLE tenant.escalation_policies (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    current_version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    archived_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT escalation_policies_name_check CHECK ((name <> ''::text))
);

COMMENT ON COLUMN tenant.escalation_policies.archived_at IS 'Deleted for people, kept for the alerts that ran under it.';

CREATE TABLE tenant.escalation_policy_versions (
    policy_id uuid NOT NULL,
    version integer NOT NULL,
    tiers jsonb NOT NULL,
    repeat_count integer DEFAULT 0 NOT NULL,
    roster_id uuid,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    lead_id uuid,
    created_by jsonb,
    change text DEFAULT 'created'::text NOT NULL,
    CONSTRAINT escalation_policy_versions_change_check CHECK ((change <> ''::text)),
    CONSTRAINT escalation_policy_versions_repeat_count_check CHECK (((repeat_count >= 0) AND (repeat_count <= 100))),
    CONSTRAINT escalation_policy_versions_tiers_check CHECK (((jsonb_typeof(tiers) = 'array'::text) AND (jsonb_array_length(tiers) > 0))),
    CONSTRAINT escalation_policy_versions_version_check CHECK ((version > 0))
);

COMMENT ON TABLE tenant.escalation_policy_versions IS 'Never changed: a running alert keeps the version it started with.';

COMMENT ON COLUMN tenant.escalation_policy_versions.roster_id IS 'The roster that oncall_primary and oncall_backup mean.';

COMMENT ON COLUMN tenant.escalation_policy_versions.lead_id IS 'The person whom team_lead means.';

COMMENT ON COLUMN tenant.escalation_policy_versions.change IS 'created, updated, or rolled back to an older version.';

CREATE TABLE tenant.feed_tokens (
    id uuid DEFAULT uuidv7() NOT NULL,
    token_hash bytea NOT NULL,
    roster_id uuid,
    user_id uuid,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT feed_tokens_check CHECK (((roster_id IS NULL) <> (user_id IS NULL))),
    CONSTRAINT feed_tokens_token_hash_check CHECK ((length(token_hash) = 32))
);

COMMENT ON TABLE tenant.feed_tokens IS 'Who has the token may read one calendar, of a roster or of a person, and nothing else.';

COMMENT ON COLUMN tenant.feed_tokens.token_hash IS 'SHA-256 of the whole token; tokens carry 256 random bits, so no slow hash is needed.';

CREATE TABLE tenant.grouping_rules (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    "position" integer NOT NULL,
    matchers jsonb DEFAULT '[]'::jsonb NOT NULL,
    group_by text[] NOT NULL,
    threshold integer DEFAULT 1 NOT NULL,
    window_minutes integer DEFAULT 30 NOT NULL,
    pages text DEFAULT 'first'::text NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT grouping_rules_matchers_check CHECK ((jsonb_typeof(matchers) = 'array'::text)),
    CONSTRAINT grouping_rules_name_check CHECK ((name <> ''::text)),
    CONSTRAINT grouping_rules_pages_check CHECK ((pages = ANY (ARRAY['first'::text, 'each'::text]))),
    CONSTRAINT grouping_rules_threshold_check CHECK (((threshold >= 1) AND (threshold <= 100))),
    CONSTRAINT grouping_rules_window_minutes_check CHECK (((window_minutes >= 1) AND (window_minutes <= 1440)))
);

COMMENT ON COLUMN tenant.grouping_rules.threshold IS 'A group begins when so many alerts with one key opened within window_minutes.';

COMMENT ON COLUMN tenant.grouping_rules.window_minutes IS 'How long a group whose alerts are all resolved still takes new ones.';

COMMENT ON COLUMN tenant.grouping_rules.pages IS 'first: while the lead is open and in somebody''s hands, the others page nobody; each: all page.';

CREATE TABLE tenant.heartbeats (
    id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    interval_seconds integer NOT NULL,
    grace_seconds integer DEFAULT 0 NOT NULL,
    severity text DEFAULT 'critical'::text NOT NULL,
    labels jsonb DEFAULT '{}'::jsonb NOT NULL,
    matchers jsonb,
    is_enabled boolean DEFAULT true NOT NULL,
    last_beat_at timestamp with time zone,
    due_at timestamp with time zone,
    missed_at timestamp with time zone,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT heartbeats_check CHECK (((due_at IS NOT NULL) = (is_enabled AND (last_beat_at IS NOT NULL) AND (missed_at IS NULL)))),
    CONSTRAINT heartbeats_check1 CHECK (((missed_at IS NULL) OR (is_enabled AND (last_beat_at IS NOT NULL)))),
    CONSTRAINT heartbeats_grace_seconds_check CHECK (((grace_seconds >= 0) AND (grace_seconds <= 2678400))),
    CONSTRAINT heartbeats_interval_seconds_check CHECK (((interval_seconds >= 30) AND (interval_seconds <= 2678400))),
    CONSTRAINT heartbeats_labels_check CHECK ((jsonb_typeof(labels) = 'object'::text)),
    CONSTRAINT heartbeats_matchers_check CHECK (((jsonb_typeof(matchers) = 'array'::text) AND (matchers <> '[]'::jsonb))),
    CONSTRAINT heartbeats_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'::text)),
    CONSTRAINT heartbeats_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text])))
)
WITH (fillfactor='70');

COMMENT ON TABLE tenant.heartbeats IS 'Who must be heard of every so often. A miss opens the alert of fingerprint heartbeat:<name>, the next beat resolves it.';

COMMENT ON COLUMN tenant.heartbeats.matchers IS 'Firing alerts whose labels fit all of them are beats; null: none are.';

COMMENT ON COLUMN tenant.heartbeats.due_at IS 'Missed when nothing is heard before; a timer of kind heartbeat stands for it. Null: nothing is awaited (never heard of, missed already, or disabled).';

COMMENT ON COLUMN tenant.heartbeats.revision IS 'Rises with every change by people; beats leave it alone.';

CREATE TABLE tenant.idempotency_keys (
    key text NOT NULL,
    route text NOT NULL,
    actor text NOT NULL,
    request bytea NOT NULL,
    answer jsonb,
    at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT idempotency_keys_key_check CHECK ((key <> ''::text)),
    CONSTRAINT idempotency_keys_request_check CHECK ((length(request) = 32))
);

COMMENT ON TABLE tenant.idempotency_keys IS 'What a POST with an Idempotency-Key was answered, for 24 h, written in the commit of its effects.';

COMMENT ON COLUMN tenant.idempotency_keys.request IS 'SHA-256 of the request: the same key with another request is refused.';

CREATE TABLE tenant.incident_fingerprints (
    fingerprint text NOT NULL,
    incident_id uuid NOT NULL,
    CONSTRAINT incident_fingerprints_fingerprint_check CHECK ((fingerprint <> ''::text))
);

COMMENT ON TABLE tenant.incident_fingerprints IS 'Which active incident answers for a fingerprint: one at most. Kept with incidents.fingerprints in the same transaction.';

CREATE TABLE tenant.incident_history (
    incident_id uuid NOT NULL,
    revision integer NOT NULL,
    at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    actor jsonb NOT NULL,
    action text NOT NULL,
    diff jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT incident_history_action_check CHECK ((action = ANY (ARRAY['created'::text, 'updated'::text, 'merged'::text, 'archived'::text, 'restored'::text])))
);

COMMENT ON COLUMN tenant.incident_history.diff IS 'Field → [before, after], of the fields that changed.';

CREATE TABLE tenant.incident_resolutions (
    alert_id uuid NOT NULL,
    incident_id uuid NOT NULL,
    resolved_at timestamp with time zone NOT NULL,
    minutes double precision NOT NULL,
    CONSTRAINT incident_resolutions_minutes_check CHECK ((minutes >= (0)::double precision))
);

COMMENT ON TABLE tenant.incident_resolutions IS 'Alerts that an incident''s statistics have counted, each once.';

CREATE TABLE tenant.incidents (
    id uuid DEFAULT uuidv7() NOT NULL,
    title text NOT NULL,
    fingerprints text[] DEFAULT '{}'::text[] NOT NULL,
    severity text NOT NULL,
    category text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    services text[] DEFAULT '{}'::text[] NOT NULL,
    clusters text[] DEFAULT '{}'::text[] NOT NULL,
    namespaces text[] DEFAULT '{}'::text[] NOT NULL,
    symptoms text DEFAULT ''::text NOT NULL,
    error_patterns text[] DEFAULT '{}'::text[] NOT NULL,
    root_cause text DEFAULT ''::text NOT NULL,
    solution text DEFAULT ''::text NOT NULL,
    postmortem_url text,
    runbook_id uuid,
    origin text DEFAULT 'person'::text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    merged_into_id uuid,
    resolution_count integer DEFAULT 0 NOT NULL,
    last_resolved_at timestamp with time zone,
    last_resolved_by jsonb,
    avg_resolution_mins double precision,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    search tsvector GENERATED ALWAYS AS ((((setweight(to_tsvector('english'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, ((((symptoms || ' '::text) || public.words(error_patterns)) || ' '::text) || public.words(tags))), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, ((root_cause || ' '::text) || solution)), 'C'::"char")) || setweight(to_tsvector('english'::regconfig, ((public.words(services) || ' '::text) || public.words(clusters))), 'D'::"char"))) STORED NOT NULL,
    helped_count integer DEFAULT 0 NOT NULL,
    unhelpful_count integer DEFAULT 0 NOT NULL,
    trust double precision GENERATED ALWAYS AS ((((helped_count + 4))::double precision / (((helped_count + unhelpful_count) + 4))::double precision)),
    CONSTRAINT incidents_avg_resolution_mins_check CHECK ((avg_resolution_mins >= (0)::double precision)),
    CONSTRAINT incidents_check CHECK (((merged_into_id IS NOT NULL) = (status = 'merged'::text))),
    CONSTRAINT incidents_check1 CHECK ((merged_into_id <> id)),
    CONSTRAINT incidents_helped_count_check CHECK ((helped_count >= 0)),
    CONSTRAINT incidents_origin_check CHECK ((origin = ANY (ARRAY['person'::text, 'agent'::text, 'import'::text]))),
    CONSTRAINT incidents_resolution_count_check CHECK ((resolution_count >= 0)),
    CONSTRAINT incidents_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text]))),
    CONSTRAINT incidents_status_check CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text, 'merged'::text]))),
    CONSTRAINT incidents_title_check CHECK ((title <> ''::text)),
    CONSTRAINT incidents_unhelpful_count_check CHECK ((unhelpful_count >= 0))
);

COMMENT ON COLUMN tenant.incidents.revision IS 'Rises with every change of content; statistics leave it alone.';

COMMENT ON COLUMN tenant.incidents.search IS 'Title A; symptoms, error patterns and tags B; root cause and solution C; services and clusters D.';

COMMENT ON COLUMN tenant.incidents.helped_count IS 'Votes that said yes. Like all statistics it stays when retention removes the alerts.';

COMMENT ON COLUMN tenant.incidents.unhelpful_count IS 'Votes that said no.';

COMMENT ON COLUMN tenant.incidents.trust IS 'What its rank in searches is multiplied by: 1 until somebody says no; four votes more on the good side, so that one no is no end.';

CREATE TABLE tenant.inhibition_rules (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    source_matchers jsonb NOT NULL,
    target_matchers jsonb NOT NULL,
    equal text[] DEFAULT '{}'::text[] NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT inhibition_rules_name_check CHECK ((name <> ''::text)),
    CONSTRAINT inhibition_rules_source_matchers_check CHECK (((jsonb_typeof(source_matchers) = 'array'::text) AND (jsonb_array_length(source_matchers) > 0))),
    CONSTRAINT inhibition_rules_target_matchers_check CHECK (((jsonb_typeof(target_matchers) = 'array'::text) AND (jsonb_array_length(target_matchers) > 0)))
);

COMMENT ON TABLE tenant.inhibition_rules IS 'While an alert that fits the source is open, pages of alerts that fit the target and have the same values of the labels in equal are muted.';

CREATE TABLE tenant.leave (
    id uuid DEFAULT uuidv7() NOT NULL,
    user_id uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    calendar_uid text,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT leave_calendar_uid_check CHECK ((calendar_uid <> ''::text)),
    CONSTRAINT leave_check CHECK ((ends_at > starts_at))
);

COMMENT ON TABLE tenant.leave IS 'When somebody is away. Rows are withdrawn, never deleted or changed, so that it can be told what was known when.';

COMMENT ON COLUMN tenant.leave.calendar_uid IS 'The event of an imported calendar; importing it again replaces the row.';

CREATE TABLE tenant.local_outbox (
    id uuid DEFAULT uuidv7() NOT NULL,
    delivery_id uuid NOT NULL,
    alert_id uuid NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    address text NOT NULL,
    body jsonb NOT NULL,
    written_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

COMMENT ON TABLE tenant.local_outbox IS 'What would have been sent: used where no provider is configured and the local outbox is switched on.';

CREATE TABLE tenant.maintenance_windows (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    matchers jsonb NOT NULL,
    timezone text NOT NULL,
    starts_at timestamp without time zone NOT NULL,
    duration_minutes integer NOT NULL,
    rrule text,
    is_enabled boolean DEFAULT true NOT NULL,
    created_by jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT maintenance_windows_duration_minutes_check CHECK (((duration_minutes >= 1) AND (duration_minutes <= 43200))),
    CONSTRAINT maintenance_windows_matchers_check CHECK (((jsonb_typeof(matchers) = 'array'::text) AND (jsonb_array_length(matchers) > 0))),
    CONSTRAINT maintenance_windows_name_check CHECK ((name <> ''::text)),
    CONSTRAINT maintenance_windows_rrule_check CHECK ((rrule <> ''::text))
);

COMMENT ON COLUMN tenant.maintenance_windows.starts_at IS 'Wall-clock time in timezone: a recurring window starts at the same time of day on both sides of a clock change.';

COMMENT ON COLUMN tenant.maintenance_windows.rrule IS 'RFC 5545 recurrence of the start; null: once.';

CREATE TABLE tenant.message_refs (
    conversation text NOT NULL,
    ts text NOT NULL,
    alert_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    thread_ts text,
    shown text,
    ended_reason text,
    posted_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT message_refs_conversation_check CHECK ((conversation <> ''::text)),
    CONSTRAINT message_refs_ended_reason_check CHECK ((ended_reason <> ''::text)),
    CONSTRAINT message_refs_ts_check CHECK ((ts <> ''::text))
)
WITH (fillfactor='80');

COMMENT ON TABLE tenant.message_refs IS 'The messages that pages have become in Slack, written in the commit that settles the page. Each is edited to the alert''s present state.';

COMMENT ON COLUMN tenant.message_refs.thread_ts IS 'The message under which it stands; null: it stands by itself, or a look-up found it.';

COMMENT ON COLUMN tenant.message_refs.shown IS 'Digest of what it shows; an edit that changes nothing is not sent. Null: not known.';

COMMENT ON COLUMN tenant.message_refs.ended_reason IS 'Slack''s word when it could not be edited any more: it is left alone from then on.';

CREATE TABLE tenant.notification_rules (
    user_id uuid NOT NULL,
    high jsonb DEFAULT '[]'::jsonb NOT NULL,
    low jsonb DEFAULT '[]'::jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    quiet_hours jsonb,
    CONSTRAINT notification_rules_high_check CHECK ((jsonb_typeof(high) = 'array'::text)),
    CONSTRAINT notification_rules_low_check CHECK ((jsonb_typeof(low) = 'array'::text)),
    CONSTRAINT notification_rules_quiet_hours_check CHECK ((jsonb_typeof(quiet_hours) = 'object'::text))
);

COMMENT ON TABLE tenant.notification_rules IS 'How a person wants to be paged, by urgency: channels in order, each so many minutes after the page. An empty list: as the tier says.';

COMMENT ON COLUMN tenant.notification_rules.quiet_hours IS 'Pages of low urgency wait until they end, in the time zone of the person; null: there are none.';

CREATE TABLE tenant.push_subscriptions (
    contact_method_id uuid NOT NULL,
    name text NOT NULL,
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    gone_at timestamp with time zone,
    CONSTRAINT push_subscriptions_name_check CHECK ((name <> ''::text))
);

COMMENT ON TABLE tenant.push_subscriptions IS 'What reaches a browser: a contact method of kind push has one. All browsers of a person are paged together.';

COMMENT ON COLUMN tenant.push_subscriptions.sealed IS 'The address at the push service and the keys that the browser decrypts with.';

COMMENT ON COLUMN tenant.push_subscriptions.key_id IS 'Which master key opens it.';

COMMENT ON COLUMN tenant.push_subscriptions.gone_at IS 'When its push service said that it is over; the contact method is unverified from then on.';

CREATE TABLE tenant.rejected_payloads (
    id uuid DEFAULT uuidv7() NOT NULL,
    receipt_id uuid NOT NULL,
    item integer NOT NULL,
    source text NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    raw text NOT NULL,
    received_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE tenant.rejected_payloads IS 'Alerts that could not be read, one by one, with the field and the reason.';

CREATE TABLE tenant.retention_marks (
    kind text NOT NULL,
    resolved_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    alert_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    CONSTRAINT retention_marks_kind_check CHECK ((kind = ANY (ARRAY['payloads'::text, 'deliveries'::text])))
);

COMMENT ON TABLE tenant.retention_marks IS 'The last resolved alert whose payloads or deliveries were removed: the next slice goes on from there.';

CREATE TABLE tenant.roster_handoffs (
    roster_id uuid NOT NULL,
    boundary_at timestamp with time zone NOT NULL,
    outgoing_id uuid,
    incoming_id uuid,
    told_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

COMMENT ON TABLE tenant.roster_handoffs IS 'Shift changes that were told: the row makes it once, however many workers look.';

CREATE TABLE tenant.roster_members (
    id uuid DEFAULT uuidv7() NOT NULL,
    roster_id uuid NOT NULL,
    user_id uuid NOT NULL,
    "position" integer NOT NULL,
    joined_on date,
    left_on date,
    CONSTRAINT roster_members_left_on_check CHECK ((left_on >= joined_on)),
    CONSTRAINT roster_members_position_check CHECK (("position" >= 0))
);

COMMENT ON COLUMN tenant.roster_members.joined_on IS 'Takes turns from the handoff on this day; null: since the roster began.';

COMMENT ON COLUMN tenant.roster_members.left_on IS 'Takes turns until the handoff on this day. Null: stays.';

CREATE TABLE tenant.roster_overrides (
    id uuid DEFAULT uuidv7() NOT NULL,
    roster_id uuid NOT NULL,
    user_id uuid NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT roster_overrides_check CHECK ((ends_at > starts_at))
);

CREATE TABLE tenant.roster_pins (
    id uuid DEFAULT uuidv7() NOT NULL,
    roster_id uuid NOT NULL,
    user_id uuid NOT NULL,
    turn_at timestamp with time zone NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

COMMENT ON TABLE tenant.roster_pins IS 'A person who has one turn, whoever''s it is: the turn that runs at turn_at.';

CREATE TABLE tenant.roster_revisions (
    roster_id uuid NOT NULL,
    revision integer NOT NULL,
    known_from timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    actor jsonb NOT NULL,
    change text NOT NULL,
    definition jsonb NOT NULL,
    CONSTRAINT roster_revisions_change_check CHECK ((change <> ''::text))
);

COMMENT ON TABLE tenant.roster_revisions IS 'Append only: the whole roster as it stood after each change. No foreign key: it outlives its roster.';

CREATE TABLE tenant.roster_swaps (
    id uuid DEFAULT uuidv7() NOT NULL,
    roster_id uuid NOT NULL,
    requester_id uuid NOT NULL,
    colleague_id uuid NOT NULL,
    gives_from timestamp with time zone NOT NULL,
    gives_until timestamp with time zone NOT NULL,
    takes_from timestamp with time zone,
    takes_until timestamp with time zone,
    note text DEFAULT ''::text NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    decided_at timestamp with time zone,
    seen_at timestamp with time zone,
    CONSTRAINT roster_swaps_check CHECK ((colleague_id <> requester_id)),
    CONSTRAINT roster_swaps_check1 CHECK ((gives_until > gives_from)),
    CONSTRAINT roster_swaps_check2 CHECK ((takes_until > takes_from)),
    CONSTRAINT roster_swaps_check3 CHECK (((takes_from IS NULL) = (takes_until IS NULL))),
    CONSTRAINT roster_swaps_check4 CHECK (((decided_at IS NULL) = (status = 'open'::text))),
    CONSTRAINT roster_swaps_check5 CHECK (((seen_at IS NULL) OR (decided_at IS NOT NULL))),
    CONSTRAINT roster_swaps_status_check CHECK ((status = ANY (ARRAY['open'::text, 'accepted'::text, 'declined'::text, 'withdrawn'::text])))
);

COMMENT ON TABLE tenant.roster_swaps IS 'The colleague takes what the requester gives, and the other way round. Accepting writes the overrides.';

COMMENT ON COLUMN tenant.roster_swaps.seen_at IS 'When who asked saw the answer, or gave it themself. Null with an answer: they are still to be told.';

CREATE TABLE tenant.rosters (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    timezone text NOT NULL,
    rotation_days integer DEFAULT 7 NOT NULL,
    handoff_time time without time zone DEFAULT '09:00:00'::time without time zone NOT NULL,
    start_date date NOT NULL,
    end_date date,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    rotation_hours integer,
    handoff_day smallint,
    active_from time without time zone,
    active_until time without time zone,
    linked_roster_id uuid,
    revision integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    max_weeks integer,
    CONSTRAINT rosters_active_hours_check CHECK ((((active_from IS NULL) = (active_until IS NULL)) AND ((active_from IS NULL) OR (active_from <> active_until)))),
    CONSTRAINT rosters_check CHECK ((end_date >= start_date)),
    CONSTRAINT rosters_handoff_day_check CHECK (((handoff_day >= 1) AND (handoff_day <= 7))),
    CONSTRAINT rosters_handoff_day_weeks_check CHECK (((handoff_day IS NULL) OR ((rotation_hours IS NULL) AND ((rotation_days % 7) = 0)))),
    CONSTRAINT rosters_linked_roster_id_check CHECK ((linked_roster_id <> id)),
    CONSTRAINT rosters_max_weeks_check CHECK (((max_weeks >= 1) AND (max_weeks <= 52))),
    CONSTRAINT rosters_name_check CHECK ((name <> ''::text)),
    CONSTRAINT rosters_rotation_days_check CHECK (((rotation_days >= 1) AND (rotation_days <= 366))),
    CONSTRAINT rosters_rotation_hours_check CHECK (((rotation_hours >= 1) AND (rotation_hours <= 8784)))
);

COMMENT ON COLUMN tenant.rosters.start_date IS 'The first handoff: this day at handoff_time, wall clock of the zone. Its weekday is the handoff day.';

COMMENT ON COLUMN tenant.rosters.end_date IS 'The roster ends on this day at handoff_time.';

COMMENT ON COLUMN tenant.rosters.rotation_hours IS 'The length of a turn in hours of the wall clock; when set, rotation_days does not count.';

COMMENT ON COLUMN tenant.rosters.handoff_day IS 'ISO weekday of the handoff, for whole weeks; null: the weekday of start_date. The first turn is short.';

COMMENT ON COLUMN tenant.rosters.active_from IS 'Active hours, wall clock of the zone; they wrap midnight when active_until is earlier. Null: always.';

COMMENT ON COLUMN tenant.rosters.linked_roster_id IS 'Follow-the-sun: who answers outside the active hours, or when nobody is there.';

COMMENT ON COLUMN tenant.rosters.revision IS 'Rises with every change of the roster, its members, overrides and pins.';

COMMENT ON COLUMN tenant.rosters.max_weeks IS 'More weeks in a row are too many for one person: previews say so. Null: no bound.';

CREATE TABLE tenant.routes (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    "position" integer NOT NULL,
    matchers jsonb DEFAULT '[]'::jsonb NOT NULL,
    service_id uuid,
    policy_id uuid,
    slack_channel text,
    pages_from text,
    continues boolean DEFAULT false NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT routes_matchers_check CHECK ((jsonb_typeof(matchers) = 'array'::text)),
    CONSTRAINT routes_name_check CHECK ((name <> ''::text)),
    CONSTRAINT routes_pages_from_check CHECK ((pages_from = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text, 'never'::text]))),
    CONSTRAINT routes_slack_channel_check CHECK ((slack_channel <> ''::text))
);

COMMENT ON TABLE tenant.routes IS 'Read in order of position, then id. The first that fits decides; one that continues lets later ones decide what it left open.';

COMMENT ON COLUMN tenant.routes.pages_from IS 'The lowest severity that pages; never: none does; null: left open, which comes to major.';

CREATE TABLE tenant.runbooks (
    id uuid DEFAULT uuidv7() NOT NULL,
    title text NOT NULL,
    markdown text DEFAULT ''::text NOT NULL,
    category text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    is_template boolean DEFAULT false NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT runbooks_title_check CHECK ((title <> ''::text))
);

CREATE TABLE tenant.saved_views (
    id uuid NOT NULL,
    name text NOT NULL,
    query jsonb NOT NULL,
    is_shared boolean DEFAULT false NOT NULL,
    has_sound boolean DEFAULT false NOT NULL,
    owner_id uuid,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT saved_views_check CHECK ((is_shared OR (owner_id IS NOT NULL))),
    CONSTRAINT saved_views_name_check CHECK ((name <> ''::text)),
    CONSTRAINT saved_views_query_check CHECK ((jsonb_typeof(query) = 'object'::text))
);

COMMENT ON TABLE tenant.saved_views IS 'A private one is seen by its owner alone, a shared one by the whole tenant.';

COMMENT ON COLUMN tenant.saved_views.query IS 'Parameter → value or values, as in the address of the list. Nothing here reads them.';

COMMENT ON COLUMN tenant.saved_views.owner_id IS 'A person or a local admin, so no foreign key; null: it was made with a key that is nobody''s.';

CREATE TABLE tenant.services (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    cluster text,
    namespace text,
    owner text,
    tier text DEFAULT 'standard'::text NOT NULL,
    default_policy_id uuid,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT services_name_check CHECK ((name <> ''::text)),
    CONSTRAINT services_tier_check CHECK ((tier = ANY (ARRAY['critical'::text, 'standard'::text, 'best-effort'::text])))
);

CREATE TABLE tenant.silences (
    id uuid DEFAULT uuidv7() NOT NULL,
    matchers jsonb NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    comment text NOT NULL,
    created_by jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT silences_check CHECK ((ends_at >= starts_at)),
    CONSTRAINT silences_comment_check CHECK ((comment <> ''::text)),
    CONSTRAINT silences_matchers_check CHECK (((jsonb_typeof(matchers) = 'array'::text) AND (jsonb_array_length(matchers) > 0)))
);

COMMENT ON TABLE tenant.silences IS 'Kept when over: who muted what, and when, can be told later. Ending one early moves ends_at.';

CREATE TABLE tenant.slack_threads (
    alert_id uuid NOT NULL,
    conversation text NOT NULL,
    address text NOT NULL,
    ts text NOT NULL,
    told_id uuid NOT NULL,
    ended_reason text,
    CONSTRAINT slack_threads_ended_reason_check CHECK ((ended_reason <> ''::text))
);

COMMENT ON TABLE tenant.slack_threads IS 'One thread per alert and channel; its first message is the alert''s first page there.';

COMMENT ON COLUMN tenant.slack_threads.address IS 'The channel as pages name it; conversation is Slack''s id of it.';

COMMENT ON COLUMN tenant.slack_threads.told_id IS 'The last line of the timeline that has become a post, or needed none.';

CREATE TABLE tenant.tenant_config (
    one_row boolean DEFAULT true NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    default_policy_id uuid,
    slack_channel text,
    knowledge_version bigint DEFAULT 0 NOT NULL,
    auto_close_minutes integer,
    revision integer DEFAULT 1 NOT NULL,
    keep_alerts_days integer,
    keep_payloads_days integer,
    keep_deliveries_days integer,
    keep_audit_days integer,
    quiet_threads boolean DEFAULT true NOT NULL,
    page_limits jsonb,
    CONSTRAINT tenant_config_auto_close_minutes_check CHECK (((auto_close_minutes >= 5) AND (auto_close_minutes <= 129600))),
    CONSTRAINT tenant_config_keep_alerts_days_check CHECK (((keep_alerts_days >= 7) AND (keep_alerts_days <= 3650))),
    CONSTRAINT tenant_config_keep_audit_days_check CHECK (((keep_audit_days >= 30) AND (keep_audit_days <= 3650))),
    CONSTRAINT tenant_config_keep_deliveries_days_check CHECK (((keep_deliveries_days >= 7) AND (keep_deliveries_days <= 3650))),
    CONSTRAINT tenant_config_keep_payloads_days_check CHECK (((keep_payloads_days >= 1) AND (keep_payloads_days <= 3650))),
    CONSTRAINT tenant_config_one_row_check CHECK (one_row),
    CONSTRAINT tenant_config_page_limits_check CHECK ((jsonb_typeof(page_limits) = 'object'::text))
);

COMMENT ON COLUMN tenant.tenant_config.default_policy_id IS 'For alerts that no service claims; null: alerts of the tenant page nobody unless a service says so.';

COMMENT ON COLUMN tenant.tenant_config.slack_channel IS 'Where slack_channel pages go when a tier names no channel.';

COMMENT ON COLUMN tenant.tenant_config.knowledge_version IS 'Rises with every change of an incident''s content; remembered matches of an older one are void.';

COMMENT ON COLUMN tenant.tenant_config.auto_close_minutes IS 'Open alerts that nothing was heard of for so long are resolved; null: never.';

COMMENT ON COLUMN tenant.tenant_config.revision IS 'Rises with every change by people.';

COMMENT ON COLUMN tenant.tenant_config.keep_alerts_days IS 'Counted from the resolve; an open alert is kept however old it is.';

COMMENT ON COLUMN tenant.tenant_config.quiet_threads IS 'Changes of severity and counts of repeats are shown by the edited message alone.';

COMMENT ON COLUMN tenant.tenant_config.page_limits IS 'Channel → at most so many messages to one address in so many minutes; null: the defaults.';

CREATE TABLE tenant.tenant_credentials (
    kind text NOT NULL,
    sealed bytea,
    key_id text,
    shown jsonb DEFAULT '{}'::jsonb NOT NULL,
    hints jsonb DEFAULT '{}'::jsonb NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    changed_by jsonb NOT NULL,
    CONSTRAINT tenant_credentials_check CHECK (((sealed IS NULL) = (key_id IS NULL))),
    CONSTRAINT tenant_credentials_kind_check CHECK ((kind = ANY (ARRAY['slack'::text, 'twilio'::text, 'smtp'::text, 'oidc'::text])))
);

COMMENT ON COLUMN tenant.tenant_credentials.sealed IS 'Under a data key of its own, which is under the master key key_id; tenant and kind are authenticated. Null: taken away.';

COMMENT ON COLUMN tenant.tenant_credentials.shown IS 'The fields that are no secret.';

COMMENT ON COLUMN tenant.tenant_credentials.hints IS 'The last four characters of each secret, for people to recognise it.';

CREATE TABLE tenant.test_pages (
    id uuid DEFAULT uuidv7() NOT NULL,
    user_id uuid NOT NULL,
    contact_method_id uuid NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    asked_by jsonb NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    lease_until timestamp with time zone,
    provider text,
    provider_id text,
    reason text,
    detail text,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    settled_at timestamp with time zone,
    purpose text DEFAULT 'test'::text NOT NULL,
    code_hash text,
    expires_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    CONSTRAINT test_pages_address_check CHECK ((address <> ''::text)),
    CONSTRAINT test_pages_check CHECK (((lease_until IS NOT NULL) = (status = 'sending'::text))),
    CONSTRAINT test_pages_check1 CHECK (((settled_at IS NOT NULL) = (status = ANY (ARRAY['sent'::text, 'failed'::text, 'unclear'::text])))),
    CONSTRAINT test_pages_code_check CHECK (((code_hash IS NULL) OR ((purpose = 'code'::text) AND (expires_at IS NOT NULL)))),
    CONSTRAINT test_pages_purpose_check CHECK ((purpose = ANY (ARRAY['test'::text, 'code'::text]))),
    CONSTRAINT test_pages_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unclear'::text]))),
    CONSTRAINT test_pages_tries_check CHECK ((tries >= 0))
);

COMMENT ON TABLE tenant.test_pages IS 'Pages that somebody sent to try or to prove a contact method. They concern no alert and are tried once.';

COMMENT ON COLUMN tenant.test_pages.purpose IS 'test: to see whether a page arrives. code: it brings a code that proves the address.';

COMMENT ON COLUMN tenant.test_pages.code_hash IS 'Argon2id of the code; null before it is on its way, and once it is used or was surely not sent.';

COMMENT ON COLUMN tenant.test_pages.expires_at IS 'Until when the code proves anything.';

COMMENT ON COLUMN tenant.test_pages.tries IS 'How often somebody has typed a code for it.';

CREATE TABLE tenant.thread_posts (
    alert_id uuid NOT NULL,
    conversation text NOT NULL,
    entry_id uuid NOT NULL,
    status text DEFAULT 'owed'::text NOT NULL,
    ts text,
    reason text,
    CONSTRAINT thread_posts_check CHECK (((status = 'posted'::text) = (ts IS NOT NULL))),
    CONSTRAINT thread_posts_check1 CHECK (((status = 'failed'::text) = (reason IS NOT NULL))),
    CONSTRAINT thread_posts_status_check CHECK ((status = ANY (ARRAY['owed'::text, 'sending'::text, 'posted'::text, 'failed'::text])))
)
WITH (fillfactor='80');

COMMENT ON TABLE tenant.thread_posts IS 'Lines of the timeline that are told in a thread, each once, in order. sending: nobody has said yet whether it arrived.';

CREATE TABLE tenant.users (
    id uuid DEFAULT uuidv7() NOT NULL,
    external_id text,
    email text NOT NULL,
    display_name text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    phone text,
    slack_user_id text,
    role text DEFAULT 'engineer'::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT users_display_name_check CHECK ((display_name <> ''::text)),
    CONSTRAINT users_email_check CHECK ((email ~~ '%_@_%'::text)),
    CONSTRAINT users_phone_check CHECK ((phone ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT users_preferences_check CHECK ((jsonb_typeof(preferences) = 'object'::text)),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'manager'::text, 'engineer'::text, 'readonly'::text]))),
    CONSTRAINT users_slack_user_id_check CHECK ((slack_user_id <> ''::text))
);

COMMENT ON COLUMN tenant.users.external_id IS 'Who the person is elsewhere: issuer and subject of OpenID Connect, or a SCIM id.';

COMMENT ON COLUMN tenant.users.phone IS 'E.164';

COMMENT ON COLUMN tenant.users.preferences IS 'What the front end remembers for a person; nothing here decides anything.';

CREATE TABLE tenant.webhook_attempts (
    delivery_id uuid NOT NULL,
    token integer NOT NULL,
    outcome text NOT NULL,
    status_code integer,
    detail text NOT NULL,
    finished_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT webhook_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'failed'::text, 'unclear'::text, 'late'::text])))
);

COMMENT ON TABLE tenant.webhook_attempts IS 'What each post came to. Nothing of what the receiver answered but its status.';

CREATE TABLE tenant.webhook_deliveries (
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    event_id uuid NOT NULL,
    replay integer DEFAULT 0 NOT NULL,
    original_id uuid,
    event_type text NOT NULL,
    body text NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    token integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    status_code integer,
    reason text,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT webhook_deliveries_check CHECK (((replay > 0) = (original_id IS NOT NULL))),
    CONSTRAINT webhook_deliveries_check1 CHECK (((due_at IS NOT NULL) = (status = ANY (ARRAY['queued'::text, 'sending'::text])))),
    CONSTRAINT webhook_deliveries_check2 CHECK (((settled_at IS NOT NULL) = (status = ANY (ARRAY['sent'::text, 'failed'::text])))),
    CONSTRAINT webhook_deliveries_check3 CHECK (((status <> 'failed'::text) OR (reason IS NOT NULL))),
    CONSTRAINT webhook_deliveries_replay_check CHECK ((replay >= 0)),
    CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text])))
)
WITH (fillfactor='80');

COMMENT ON TABLE tenant.webhook_deliveries IS 'One event for one subscription: written before anything is posted. Its id is the Idempotency-Key.';

COMMENT ON COLUMN tenant.webhook_deliveries.replay IS '0: because the event happened; others because somebody asked for it again, of original_id.';

COMMENT ON COLUMN tenant.webhook_deliveries.body IS 'Text, not jsonb: it is posted byte by byte as it stands here.';

COMMENT ON COLUMN tenant.webhook_deliveries.token IS 'Fencing token: bumped by each claim; a result with an older one is refused.';

COMMENT ON COLUMN tenant.webhook_deliveries.due_at IS 'When its timer is due: the next attempt of a queued one, the end of the lease of one that is being sent.';

CREATE TABLE tenant.webhook_subscriptions (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    endpoint_id uuid NOT NULL,
    event_types text[] NOT NULL,
    matchers jsonb DEFAULT '[]'::jsonb NOT NULL,
    min_severity text,
    is_enabled boolean DEFAULT true NOT NULL,
    is_gone boolean DEFAULT false NOT NULL,
    active_from timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    updated_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT webhook_subscriptions_check CHECK ((NOT (is_enabled AND is_gone))),
    CONSTRAINT webhook_subscriptions_event_types_check CHECK ((cardinality(event_types) > 0)),
    CONSTRAINT webhook_subscriptions_min_severity_check CHECK ((min_severity = ANY (ARRAY['info'::text, 'warning'::text, 'major'::text, 'critical'::text]))),
    CONSTRAINT webhook_subscriptions_name_check CHECK ((name <> ''::text))
);

COMMENT ON TABLE tenant.webhook_subscriptions IS 'Who gets which events. The endpoint is of the kind webhook.';

COMMENT ON COLUMN tenant.webhook_subscriptions.is_gone IS 'Disabled because its receiver answered 410.';

COMMENT ON COLUMN tenant.webhook_subscriptions.active_from IS 'When it was made or enabled last: what happened before is not owed.';

ALTER TABLE ONLY tenant.admin_preferences
    ADD CONSTRAINT admin_preferences_pkey PRIMARY KEY (local_admin_id);

ALTER TABLE ONLY tenant.alert_groups
    ADD CONSTRAINT alert_groups_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.alert_payloads
    ADD CONSTRAINT alert_payloads_pkey PRIMARY KEY (alert_id, occasion);

ALTER TABLE ONLY tenant.alert_timeline
    ADD CONSTRAINT alert_timeline_pkey PRIMARY KEY (alert_id, id);

ALTER TABLE ONLY tenant.alert_votes
    ADD CONSTRAINT alert_votes_pkey PRIMARY KEY (alert_id, voter_id);

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY tenant.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.bulk_job_items
    ADD CONSTRAINT bulk_job_items_job_id_alert_id_key UNIQUE (job_id, alert_id);

ALTER TABLE ONLY tenant.bulk_job_items
    ADD CONSTRAINT bulk_job_items_pkey PRIMARY KEY (job_id, "position");

ALTER TABLE ONLY tenant.bulk_jobs
    ADD CONSTRAINT bulk_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.card_work
    ADD CONSTRAINT card_work_pkey PRIMARY KEY (alert_id);

ALTER TABLE ONLY tenant.contact_methods
    ADD CONSTRAINT contact_methods_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.contact_methods
    ADD CONSTRAINT contact_methods_user_id_kind_address_key UNIQUE (user_id, kind, address);

ALTER TABLE ONLY tenant.deliveries
    ADD CONSTRAINT deliveries_alert_id_episode_cycle_step_recipient_channel_key UNIQUE (alert_id, episode, cycle, step, recipient, channel);

ALTER TABLE ONLY tenant.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.delivery_attempts
    ADD CONSTRAINT delivery_attempts_pkey PRIMARY KEY (delivery_id, token, outcome);

ALTER TABLE ONLY tenant.endpoints
    ADD CONSTRAINT endpoints_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.endpoints
    ADD CONSTRAINT endpoints_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.escalation_events
    ADD CONSTRAINT escalation_events_pkey PRIMARY KEY (alert_id, cycle, tier);

ALTER TABLE ONLY tenant.escalation_policies
    ADD CONSTRAINT escalation_policies_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.escalation_policy_versions
    ADD CONSTRAINT escalation_policy_versions_pkey PRIMARY KEY (policy_id, version);

ALTER TABLE ONLY tenant.feed_tokens
    ADD CONSTRAINT feed_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.feed_tokens
    ADD CONSTRAINT feed_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY tenant.grouping_rules
    ADD CONSTRAINT grouping_rules_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.grouping_rules
    ADD CONSTRAINT grouping_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.heartbeats
    ADD CONSTRAINT heartbeats_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key, route, actor);

ALTER TABLE ONLY tenant.incident_fingerprints
    ADD CONSTRAINT incident_fingerprints_pkey PRIMARY KEY (fingerprint);

ALTER TABLE ONLY tenant.incident_history
    ADD CONSTRAINT incident_history_pkey PRIMARY KEY (incident_id, revision);

ALTER TABLE ONLY tenant.incident_resolutions
    ADD CONSTRAINT incident_resolutions_pkey PRIMARY KEY (alert_id);

ALTER TABLE ONLY tenant.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.inhibition_rules
    ADD CONSTRAINT inhibition_rules_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.inhibition_rules
    ADD CONSTRAINT inhibition_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.leave
    ADD CONSTRAINT leave_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.local_outbox
    ADD CONSTRAINT local_outbox_delivery_id_key UNIQUE (delivery_id);

ALTER TABLE ONLY tenant.local_outbox
    ADD CONSTRAINT local_outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.maintenance_windows
    ADD CONSTRAINT maintenance_windows_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.maintenance_windows
    ADD CONSTRAINT maintenance_windows_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.message_refs
    ADD CONSTRAINT message_refs_pkey PRIMARY KEY (conversation, ts);

ALTER TABLE ONLY tenant.notification_rules
    ADD CONSTRAINT notification_rules_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY tenant.push_subscriptions
    ADD CONSTRAINT push_subscriptions_pkey PRIMARY KEY (contact_method_id);

ALTER TABLE ONLY tenant.rejected_payloads
    ADD CONSTRAINT rejected_payloads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.rejected_payloads
    ADD CONSTRAINT rejected_payloads_receipt_id_item_key UNIQUE (receipt_id, item);

ALTER TABLE ONLY tenant.retention_marks
    ADD CONSTRAINT retention_marks_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY tenant.roster_handoffs
    ADD CONSTRAINT roster_handoffs_pkey PRIMARY KEY (roster_id, boundary_at);

ALTER TABLE ONLY tenant.roster_members
    ADD CONSTRAINT roster_members_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.roster_members
    ADD CONSTRAINT roster_members_roster_id_position_key UNIQUE (roster_id, "position") DEFERRABLE;

ALTER TABLE ONLY tenant.roster_overrides
    ADD CONSTRAINT roster_overrides_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.roster_pins
    ADD CONSTRAINT roster_pins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.roster_pins
    ADD CONSTRAINT roster_pins_roster_id_turn_at_key UNIQUE (roster_id, turn_at);

ALTER TABLE ONLY tenant.roster_revisions
    ADD CONSTRAINT roster_revisions_pkey PRIMARY KEY (roster_id, revision);

ALTER TABLE ONLY tenant.roster_swaps
    ADD CONSTRAINT roster_swaps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.rosters
    ADD CONSTRAINT rosters_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.rosters
    ADD CONSTRAINT rosters_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.routes
    ADD CONSTRAINT routes_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.routes
    ADD CONSTRAINT routes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.runbooks
    ADD CONSTRAINT runbooks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.saved_views
    ADD CONSTRAINT saved_views_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.services
    ADD CONSTRAINT services_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.services
    ADD CONSTRAINT services_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.silences
    ADD CONSTRAINT silences_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.slack_threads
    ADD CONSTRAINT slack_threads_pkey PRIMARY KEY (alert_id, conversation);

ALTER TABLE ONLY tenant.tenant_config
    ADD CONSTRAINT tenant_config_pkey PRIMARY KEY (one_row);

ALTER TABLE ONLY tenant.tenant_credentials
    ADD CONSTRAINT tenant_credentials_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY tenant.test_pages
    ADD CONSTRAINT test_pages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.thread_posts
    ADD CONSTRAINT thread_posts_pkey PRIMARY KEY (alert_id, conversation, entry_id);

ALTER TABLE ONLY tenant.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY tenant.users
    ADD CONSTRAINT users_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY tenant.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.webhook_attempts
    ADD CONSTRAINT webhook_attempts_pkey PRIMARY KEY (delivery_id, token, outcome);

ALTER TABLE ONLY tenant.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tenant.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_subscription_id_event_id_replay_key UNIQUE (subscription_id, event_id, replay);

ALTER TABLE ONLY tenant.webhook_subscriptions
    ADD CONSTRAINT webhook_subscriptions_name_key UNIQUE (name);

ALTER TABLE ONLY tenant.webhook_subscriptions
    ADD CONSTRAINT webhook_subscriptions_pkey PRIMARY KEY (id);

CREATE UNIQUE INDEX alert_groups_one_open ON tenant.alert_groups USING btree (rule_id, key) WHERE (closed_at IS NULL);

CREATE INDEX alert_votes_incident ON tenant.alert_votes USING btree (incident_id);

CREATE INDEX alerts_assignee ON tenant.alerts USING btree (assignee_id, id) WHERE (assignee_id IS NOT NULL);

CREATE INDEX alerts_cluster ON tenant.alerts USING btree (COALESCE((labels ->> 'cluster'::text), ''::text), id);

COMMENT ON INDEX tenant.alerts_cluster IS 'Empty: the label is missing.';

CREATE UNIQUE INDEX alerts_episode ON tenant.alerts USING btree (fingerprint, episode);

CREATE INDEX alerts_fired ON tenant.alerts USING btree (first_fired_at);

CREATE INDEX alerts_group ON tenant.alerts USING btree (group_id, id) WHERE (group_id IS NOT NULL);

CREATE INDEX alerts_group_open ON tenant.alerts USING btree (group_id) WHERE ((group_id IS NOT NULL) AND (status <> 'resolved'::text));

CREATE INDEX alerts_holder ON tenant.alerts USING btree (COALESCE((assignee_id)::text, (acknowledged_by ->> 'id'::text), 'none'::text), id);

COMMENT ON INDEX tenant.alerts_holder IS 'Who has it: the assignee, else who acknowledged it.';

CREATE INDEX alerts_labels ON tenant.alerts USING gin (labels jsonb_path_ops);

CREATE INDEX alerts_matched ON tenant.alerts USING btree (matched_incident_id) WHERE (matched_incident_id IS NOT NULL);

CREATE INDEX alerts_muted ON tenant.alerts USING btree (((muted_by ->> 'alert_id'::text))) WHERE (escalation_state = 'muted'::text);

CREATE INDEX alerts_muted_by ON tenant.alerts USING btree (((muted_by ->> 'id'::text)), id) WHERE (escalation_state = 'muted'::text);

COMMENT ON INDEX tenant.alerts_muted_by IS 'What a silence, a window, an inhibition rule or a group mutes now.';

CREATE INDEX alerts_muted_newest ON tenant.alerts USING btree (id) WHERE (escalation_state = 'muted'::text);

CREATE UNIQUE INDEX alerts_one_open ON tenant.alerts USING btree (fingerprint) WHERE (status <> 'resolved'::text);

COMMENT ON INDEX tenant.alerts_one_open IS 'The deduplication rule: one open alert per fingerprint, whatever races.';

CREATE INDEX alerts_open ON tenant.alerts USING btree (id) WHERE (status <> 'resolved'::text);

CREATE INDEX alerts_policy ON tenant.alerts USING btree (COALESCE((policy_id)::text, 'none'::text), id);

CREATE INDEX alerts_previous ON tenant.alerts USING btree (previous_id) WHERE (previous_id IS NOT NULL);

CREATE INDEX alerts_resolved ON tenant.alerts USING btree (resolved_at, id) WHERE (status = 'resolved'::text);

CREATE INDEX alerts_search ON tenant.alerts USING gin (search);

CREATE INDEX alerts_service ON tenant.alerts USING btree (service_id, id) INCLUDE (urgency);

CREATE INDEX alerts_source ON tenant.alerts USING btree (source, id) INCLUDE (urgency);

CREATE INDEX alerts_urgency ON tenant.alerts USING btree (urgency, id);

CREATE INDEX audit_log_actor ON tenant.audit_log USING btree (((actor ->> 'id'::text)), id);

CREATE INDEX audit_log_entity ON tenant.audit_log USING btree (entity_id, id);

CREATE UNIQUE INDEX audit_log_seq ON tenant.audit_log USING btree (seq);

CREATE INDEX bulk_job_items_open ON tenant.bulk_job_items USING btree (job_id, "position") WHERE (outcome IS NULL);

CREATE INDEX deliveries_bundled ON tenant.deliveries USING btree (bundled_into) WHERE (bundled_into IS NOT NULL);

CREATE INDEX deliveries_phone ON tenant.deliveries USING btree (address, id DESC) WHERE (channel = ANY (ARRAY['sms'::text, 'phone'::text]));

COMMENT ON INDEX tenant.deliveries_phone IS 'Whose page somebody answers who texts back. Neither column ever changes, so it costs no update.';

CREATE INDEX deliveries_told ON tenant.deliveries USING btree (recipient, channel, sent_at) WHERE ((sent_at IS NOT NULL) AND (bundled_into IS NULL));

COMMENT ON INDEX tenant.deliveries_told IS 'How many messages somebody got lately over a channel.';

CREATE INDEX deliveries_unsettled ON tenant.deliveries USING btree (id) WHERE (status = ANY (ARRAY['queued'::text, 'sending'::text]));

CREATE INDEX deliveries_waiting ON tenant.deliveries USING btree (recipient, channel, id) WHERE (status = ANY (ARRAY['queued'::text, 'sending'::text]));

COMMENT ON INDEX tenant.deliveries_waiting IS 'What waits for somebody over a channel, to be told in one message.';

CREATE INDEX escalation_events_fired ON tenant.escalation_events USING btree (fired_at);

CREATE UNIQUE INDEX escalation_policies_name ON tenant.escalation_policies USING btree (name) WHERE (archived_at IS NULL);

CREATE INDEX grouping_rules_order ON tenant.grouping_rules USING btree ("position", id);

CREATE INDEX idempotency_keys_at ON tenant.idempotency_keys USING btree (at);

CREATE INDEX incident_fingerprints_incident ON tenant.incident_fingerprints USING btree (incident_id);

CREATE INDEX incident_resolutions_newest ON tenant.incident_resolutions USING btree (incident_id, resolved_at DESC, alert_id DESC);

COMMENT ON INDEX tenant.incident_resolutions_newest IS 'What an incident was counted for last is read from its top.';

CREATE INDEX incidents_merged ON tenant.incidents USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL);

CREATE INDEX incidents_patterns ON tenant.incidents USING btree (resolution_count DESC, id DESC) WHERE ((status = 'active'::text) AND (error_patterns <> '{}'::text[]));

CREATE INDEX incidents_proven ON tenant.incidents USING btree (resolution_count DESC, id DESC) WHERE (status = 'active'::text);

COMMENT ON INDEX tenant.incidents_proven IS 'For words that many incidents share: the most proven ones are read until enough match, instead of all matches being ranked.';

CREATE INDEX incidents_runbook ON tenant.incidents USING btree (runbook_id) WHERE (runbook_id IS NOT NULL);

CREATE INDEX incidents_search ON tenant.incidents USING gin (search);

CREATE UNIQUE INDEX leave_calendar ON tenant.leave USING btree (user_id, calendar_uid) WHERE ((withdrawn_at IS NULL) AND (calendar_uid IS NOT NULL));

CREATE INDEX leave_span ON tenant.leave USING btree (user_id, ends_at);

CREATE INDEX message_refs_alert ON tenant.message_refs USING btree (alert_id);

CREATE UNIQUE INDEX roster_members_current ON tenant.roster_members USING btree (roster_id, user_id) WHERE (left_on IS NULL);

CREATE INDEX roster_overrides_span ON tenant.roster_overrides USING btree (roster_id, ends_at);

CREATE INDEX roster_revisions_known ON tenant.roster_revisions USING btree (roster_id, known_from);

CREATE INDEX roster_swaps_asked ON tenant.roster_swaps USING btree (colleague_id) WHERE (status = 'open'::text);

CREATE INDEX roster_swaps_roster ON tenant.roster_swaps USING btree (roster_id, id);

CREATE INDEX roster_swaps_unseen ON tenant.roster_swaps USING btree (requester_id) WHERE ((status <> 'open'::text) AND (seen_at IS NULL));

CREATE INDEX rosters_linked ON tenant.rosters USING btree (linked_roster_id) WHERE (linked_roster_id IS NOT NULL);

CREATE INDEX routes_order ON tenant.routes USING btree ("position", id);

CREATE INDEX saved_views_owner ON tenant.saved_views USING btree (owner_id);

CREATE INDEX silences_ends ON tenant.silences USING btree (ends_at);

CREATE INDEX test_pages_codes ON tenant.test_pages USING btree (lower(address), created_at) WHERE (purpose = 'code'::text);

COMMENT ON INDEX tenant.test_pages_codes IS 'How many codes went to an address lately, whoever asked for them.';

CREATE INDEX test_pages_user ON tenant.test_pages USING btree (user_id, created_at);

CREATE INDEX thread_posts_open ON tenant.thread_posts USING btree (alert_id) WHERE (status = ANY (ARRAY['owed'::text, 'sending'::text]));

CREATE INDEX webhook_deliveries_due ON tenant.webhook_deliveries USING btree (subscription_id, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX webhook_deliveries_listed ON tenant.webhook_deliveries USING btree (subscription_id, id);

CREATE INDEX webhook_subscriptions_endpoint ON tenant.webhook_subscriptions USING btree (endpoint_id);

CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON tenant.audit_log DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.chain_audit();

ALTER TABLE ONLY tenant.alert_groups
    ADD CONSTRAINT alert_groups_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES tenant.grouping_rules(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.alert_votes
    ADD CONSTRAINT alert_votes_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.alert_votes
    ADD CONSTRAINT alert_votes_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES tenant.incidents(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_assignee_id_fkey FOREIGN KEY (assignee_id) REFERENCES tenant.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_group_id_fkey FOREIGN KEY (group_id) REFERENCES tenant.alert_groups(id);

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_matched_incident_id_fkey FOREIGN KEY (matched_incident_id) REFERENCES tenant.incidents(id);

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_policy_id_policy_version_fkey FOREIGN KEY (policy_id, policy_version) REFERENCES tenant.escalation_policy_versions(policy_id, version);

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_previous_id_fkey FOREIGN KEY (previous_id) REFERENCES tenant.alerts(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.alerts
    ADD CONSTRAINT alerts_service_id_fkey FOREIGN KEY (service_id) REFERENCES tenant.services(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.bulk_job_items
    ADD CONSTRAINT bulk_job_items_job_id_fkey FOREIGN KEY (job_id) REFERENCES tenant.bulk_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.card_work
    ADD CONSTRAINT card_work_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.contact_methods
    ADD CONSTRAINT contact_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.deliveries
    ADD CONSTRAINT deliveries_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.delivery_attempts
    ADD CONSTRAINT delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES tenant.deliveries(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.escalation_events
    ADD CONSTRAINT escalation_events_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.escalation_policy_versions
    ADD CONSTRAINT escalation_policy_versions_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES tenant.users(id);

ALTER TABLE ONLY tenant.escalation_policy_versions
    ADD CONSTRAINT escalation_policy_versions_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES tenant.escalation_policies(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.escalation_policy_versions
    ADD CONSTRAINT escalation_policy_versions_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id);

ALTER TABLE ONLY tenant.feed_tokens
    ADD CONSTRAINT feed_tokens_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.feed_tokens
    ADD CONSTRAINT feed_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.incident_fingerprints
    ADD CONSTRAINT incident_fingerprints_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES tenant.incidents(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.incident_history
    ADD CONSTRAINT incident_history_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES tenant.incidents(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.incident_resolutions
    ADD CONSTRAINT incident_resolutions_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.incident_resolutions
    ADD CONSTRAINT incident_resolutions_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES tenant.incidents(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.incidents
    ADD CONSTRAINT incidents_merged_into_id_fkey FOREIGN KEY (merged_into_id) REFERENCES tenant.incidents(id);

ALTER TABLE ONLY tenant.incidents
    ADD CONSTRAINT incidents_runbook_id_fkey FOREIGN KEY (runbook_id) REFERENCES tenant.runbooks(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.leave
    ADD CONSTRAINT leave_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.message_refs
    ADD CONSTRAINT message_refs_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.notification_rules
    ADD CONSTRAINT notification_rules_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.push_subscriptions
    ADD CONSTRAINT push_subscriptions_contact_method_id_fkey FOREIGN KEY (contact_method_id) REFERENCES tenant.contact_methods(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_handoffs
    ADD CONSTRAINT roster_handoffs_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_members
    ADD CONSTRAINT roster_members_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_members
    ADD CONSTRAINT roster_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id);

ALTER TABLE ONLY tenant.roster_overrides
    ADD CONSTRAINT roster_overrides_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_overrides
    ADD CONSTRAINT roster_overrides_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id);

ALTER TABLE ONLY tenant.roster_pins
    ADD CONSTRAINT roster_pins_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_pins
    ADD CONSTRAINT roster_pins_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id);

ALTER TABLE ONLY tenant.roster_swaps
    ADD CONSTRAINT roster_swaps_colleague_id_fkey FOREIGN KEY (colleague_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_swaps
    ADD CONSTRAINT roster_swaps_requester_id_fkey FOREIGN KEY (requester_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.roster_swaps
    ADD CONSTRAINT roster_swaps_roster_id_fkey FOREIGN KEY (roster_id) REFERENCES tenant.rosters(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.rosters
    ADD CONSTRAINT rosters_linked_roster_id_fkey FOREIGN KEY (linked_roster_id) REFERENCES tenant.rosters(id);

ALTER TABLE ONLY tenant.routes
    ADD CONSTRAINT routes_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES tenant.escalation_policies(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.routes
    ADD CONSTRAINT routes_service_id_fkey FOREIGN KEY (service_id) REFERENCES tenant.services(id) ON DELETE SET NULL;

ALTER TABLE ONLY tenant.services
    ADD CONSTRAINT services_default_policy_id_fkey FOREIGN KEY (default_policy_id) REFERENCES tenant.escalation_policies(id);

ALTER TABLE ONLY tenant.slack_threads
    ADD CONSTRAINT slack_threads_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES tenant.alerts(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.tenant_config
    ADD CONSTRAINT tenant_config_default_policy_id_fkey FOREIGN KEY (default_policy_id) REFERENCES tenant.escalation_policies(id);

ALTER TABLE ONLY tenant.test_pages
    ADD CONSTRAINT test_pages_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.thread_posts
    ADD CONSTRAINT thread_posts_alert_id_conversation_fkey FOREIGN KEY (alert_id, conversation) REFERENCES tenant.slack_threads(alert_id, conversation) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.webhook_attempts
    ADD CONSTRAINT webhook_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES tenant.webhook_deliveries(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES tenant.webhook_subscriptions(id) ON DELETE CASCADE;

ALTER TABLE ONLY tenant.webhook_subscriptions
    ADD CONSTRAINT webhook_subscriptions_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES tenant.endpoints(id);
