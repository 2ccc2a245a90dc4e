import { Page } from "@/ui/page";

export default function RunbookPage() {
  return <Page title="Runbook">{null}</Page>;
}
