import { Page } from "@/ui/page";

export default function NowPage() {
  return <Page title="Now">{null}</Page>;
}
