import { Page } from "@/ui/page";

export default function RostersPage() {
  return <Page title="Rosters">{null}</Page>;
}
