import { Page } from "@/ui/page";

export default function RosterPage() {
  return <Page title="Roster">{null}</Page>;
}
