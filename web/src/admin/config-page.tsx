import { Page } from "@/ui/page";

export default function ConfigPage() {
  return <Page title="Configuration">{null}</Page>;
}
