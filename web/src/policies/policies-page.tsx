import { Page } from "@/ui/page";

export default function PoliciesPage() {
  return <Page title="Policies">{null}</Page>;
}
