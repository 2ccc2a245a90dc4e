import { Page } from "@/ui/page";

export default function IncidentPage() {
  return <Page title="Entry">{null}</Page>;
}
