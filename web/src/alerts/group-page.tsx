import { Page } from "@/ui/page";

export default function GroupPage() {
  return <Page title="Group">{null}</Page>;
}
