import { Page } from "@/ui/page";

export default function StatusPage() {
  return <Page title="Status and delivery">{null}</Page>;
}
