/** The numbers of a trial that matter for its kind. Pure. */
import type { Schema } from "@/api/client";

export interface Figure {
  label: string;
  value: number;
}

export function figuresOf(report: Schema["MuteReport"] | Schema["GroupingReport"] | Schema["RouteReport"]): Figure[] {
  if ("would_mute" in report)
    return [
      { label: `of ${report.tested} alerts would have been muted`, value: report.would_mute },
      { label: "pages went out about them", value: report.pages },
    ];
  if ("groups" in report)
    return [
      { label: `of ${report.tested} alerts in ${report.groups} groups`, value: report.alerts_grouped },
      { label: "pages would have been dropped", value: report.pages_saved },
    ];
  return [
    { label: `of ${report.tested} alerts would take it`, value: report.would_take },
    { label: "would be decided otherwise", value: report.would_change },
    { label: "would have paged", value: report.newly_paging },
    { label: "would have been dropped", value: report.no_longer_paging },
  ];
}
