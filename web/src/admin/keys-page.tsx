import { Page } from "@/ui/page";

export default function KeysPage() {
  return <Page title="API keys">{null}</Page>;
}
