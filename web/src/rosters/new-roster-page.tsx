import { Page } from "@/ui/page";

export default function NewRosterPage() {
  return <Page title="New roster">{null}</Page>;
}
