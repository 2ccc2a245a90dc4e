import { Page } from "@/ui/page";

export default function SubscriptionsPage() {
  return <Page title="Webhook subscriptions">{null}</Page>;
}
