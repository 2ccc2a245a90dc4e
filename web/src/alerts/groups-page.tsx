import { Page } from "@/ui/page";

export default function GroupsPage() {
  return <Page title="Groups">{null}</Page>;
}
