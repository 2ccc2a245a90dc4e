import { Page } from "@/ui/page";

export default function AlertPage() {
  return <Page title="Alert">{null}</Page>;
}
