/** The places that the shell leads to: five groups, one entry lit at a time. */
import { Bell, BookOpen, CalendarClock, Gauge, Shield, type LucideIcon } from "lucide-react";

import type { Role } from "@/session/me";

export interface Place {
  to: string;
  label: string;
  /** The lowest role that is led there. */
  needs?: Role;
  /** Second key of `g …`. */
  key?: string;
}

export interface Group {
  label: string;
  icon: LucideIcon;
  places: readonly Place[];
}

export const GROUPS: readonly Group[] = [
  { label: "Now", icon: Gauge, places: [{ to: "/", label: "Now", key: "n" }, { to: "/insight", label: "Insight" }] },
  {
    label: "Alerts",
    icon: Bell,
    places: [
      { to: "/alerts", label: "Alerts", key: "a" },
      { to: "/groups", label: "Groups" },
      { to: "/rules", label: "Rules" },
    ],
  },
  {
    label: "Knowledge",
    icon: BookOpen,
    places: [
      { to: "/incidents", label: "Knowledge base", key: "k" },
      { to: "/runbooks", label: "Runbooks" },
    ],
  },
  {
    label: "On-call",
    icon: CalendarClock,
    places: [
      { to: "/rosters", label: "Rosters", key: "o" },
      { to: "/policies", label: "Policies", key: "e" },
    ],
  },
  {
    label: "Admin",
    icon: Shield,
    places: [
      { to: "/status", label: "Status and delivery" },
      { to: "/admin", label: "Administration", needs: "manager" },
      { to: "/settings", label: "Settings" },
      { to: "/about", label: "About" },
    ],
  },
];

/** The place that a path belongs to: the longest that begins it, so that only one is lit. Pure. */
export function placeOf(path: string): Place | undefined {
  const fits = ({ to }: Place) => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`));
  return GROUPS.flatMap((group) => group.places)
    .filter(fits)
    .sort((a, b) => b.to.length - a.to.length)[0];
}
