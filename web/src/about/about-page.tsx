import { Page } from "@/ui/page";

export default function AboutPage() {
  return <Page title="About">{null}</Page>;
}
