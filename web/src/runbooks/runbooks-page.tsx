import { Page } from "@/ui/page";

export default function RunbooksPage() {
  return <Page title="Runbooks">{null}</Page>;
}
