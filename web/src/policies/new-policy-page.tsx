import { Page } from "@/ui/page";

export default function NewPolicyPage() {
  return <Page title="New policy">{null}</Page>;
}
