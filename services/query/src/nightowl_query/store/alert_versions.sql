SELECT a.id, a.urgency,
    ROW(
        pg_postmaster_start_time(), a.xmin,
        (SELECT s.xmin FROM services AS s WHERE s.id = a.service_id),
        (
            SELECT t.due_at FROM public.timers AS t
            WHERE t.kind = 'escalation' AND t.ref = a.id AND a.escalation_state IN ('pending', 'muted')
        ),
        (SELECT g.xmin FROM alert_groups AS g WHERE g.id = a.group_id),
        (SELECT u.xmin FROM users AS u WHERE u.id = a.assignee_id),
        (SELECT k.xmin FROM incidents AS k WHERE k.id = a.matched_incident_id),
        (
            SELECT r.xmin FROM runbooks AS r
            WHERE r.id = (SELECT k.runbook_id FROM incidents AS k WHERE k.id = a.matched_incident_id)
        )
    )::text AS version
