import { Page } from "@/ui/page";

export default function PolicyPage() {
  return <Page title="Policy">{null}</Page>;
}
