-- The alert list is also asked by cluster, by who has an alert, and by policy.

CREATE INDEX alerts_cluster ON alerts (coalesce(labels ->> 'cluster', ''), id);
COMMENT ON INDEX alerts_cluster IS 'Empty: the label is missing.';
CREATE INDEX alerts_holder ON alerts (coalesce(assignee_id::text, acknowledged_by ->> 'id', 'none'), id);
COMMENT ON INDEX alerts_holder IS 'Who has it: the assignee, else who acknowledged it.';
CREATE INDEX alerts_policy ON alerts (coalesce(policy_id::text, 'none'), id);
