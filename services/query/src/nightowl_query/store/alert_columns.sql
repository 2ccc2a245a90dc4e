SELECT a.id, a.fingerprint, a.episode, a.previous_id, a.status, a.severity, a.source, a.title, a.description, a.labels,
    a.annotations, a.generator_url, a.agent,
    (SELECT json_build_object('id', s.id, 'name', s.name) FROM services AS s WHERE s.id = a.service_id) AS service,
    a.occurrence_count, a.starts_at, a.first_fired_at, a.last_fired_at, a.acknowledged_at, a.acknowledged_by,
    a.resolved_at, a.resolved_by, a.ended_at, a.resolution, a.policy_id, a.policy_version, a.escalation_state,
    a.escalation_reason, a.cycle, a.tier,
    (
        SELECT t.due_at FROM public.timers AS t
        WHERE t.kind = 'escalation' AND t.ref = a.id AND a.escalation_state IN ('pending', 'muted')
    ) AS next_escalation_at,
    a.snoozed_until, a.pages_from, a.muted_by,
    (SELECT json_build_object('id', g.id, 'name', g.name) FROM alert_groups AS g WHERE g.id = a.group_id) AS "group",
    (
        SELECT json_build_object('id', u.id, 'display_name', u.display_name) FROM users AS u WHERE u.id = a.assignee_id
    ) AS assignee,
    a.version,
    (
        SELECT json_build_object(
            'id', k.id, 'title', k.title, 'kind', a.match_kind, 'score', a.match_score, 'solution', k.solution,
            'resolution_count', k.resolution_count, 'avg_resolution_mins', k.avg_resolution_mins,
            'helped_count', k.helped_count, 'unhelpful_count', k.unhelpful_count,
            'runbook_id', r.id, 'runbook_title', r.title
        )
        FROM incidents AS k LEFT JOIN runbooks AS r ON r.id = k.runbook_id
        WHERE k.id = a.matched_incident_id
    ) AS matched_incident
