import { Page } from "@/ui/page";

export default function NewIncidentPage() {
  return <Page title="New entry">{null}</Page>;
}
