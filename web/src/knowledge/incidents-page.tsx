import { Page } from "@/ui/page";

export default function IncidentsPage() {
  return <Page title="Knowledge base">{null}</Page>;
}
