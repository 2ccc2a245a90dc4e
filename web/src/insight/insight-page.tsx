import { Page } from "@/ui/page";

export default function InsightPage() {
  return <Page title="Insight">{null}</Page>;
}
