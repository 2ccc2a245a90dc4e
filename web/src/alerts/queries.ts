/** What is asked about one alert and about groups. */
import { queryOptions } from "@tanstack/react-query";

import { client, read } from "@/api/client";

const of = (id: string) => ({ params: { path: { alert_id: id } } });
const ROWS = 500;

export const alertQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}", of(id))) });

export const ladderQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "escalation"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/escalation", of(id))) });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ["alert", id, "timeline"],
    queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/timeline", { params: { path: { alert_id: id }, query: { limit: ROWS } } })),
  });

export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ["alert", id, "deliveries"],
    queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/deliveries", { params: { path: { alert_id: id }, query: { limit: ROWS } } })),
  });

export const explanationQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "explain"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/explain", of(id))) });

export const rawQuery = (id: string) =>
  queryOptions({ queryKey: ["alert", id, "raw"], queryFn: () => read(client.GET("/api/v1/alerts/{alert_id}/raw", of(id))) });
