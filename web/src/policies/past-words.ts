/** What a comparison says about those who really acknowledged, in sentences. Pure. */
import type { Schema } from "@/api/client";

export function responseWords(response: Schema["ResponseShift"]): string[] {
  const alerts = (count: number) => (count === 1 ? "1 alert" : `${count} alerts`);
  const minutes = (count: number) => `${Math.round(Math.abs(count) * 10) / 10} min`;
  const said: string[] = [];
  if (response.earlier) said.push(`For ${alerts(response.earlier)}, who took it would have been paged earlier.`);
  if (response.later) {
    const most = response.most_minutes_later ? `, at most ${minutes(response.most_minutes_later)}` : "";
    said.push(`For ${alerts(response.later)}, who took it would have been paged later${most}.`);
  }
  if (response.not_reached) said.push(`For ${alerts(response.not_reached)}, who took it would not have been paged before they did.`);
  if (response.newly_reached) said.push(`For ${alerts(response.newly_reached)}, who took it would have been paged, and is not by the version in force.`);
  if (response.same) said.push(`For ${alerts(response.same)}, who took it would have been paged at the same minute.`);
  return said.length ? said : ["No alert of that time was taken by somebody whom either version pages."];
}
