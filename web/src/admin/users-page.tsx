import { Page } from "@/ui/page";

export default function UsersPage() {
  return <Page title="People">{null}</Page>;
}
