import { Page } from "@/ui/page";

export default function TenantsPage() {
  return <Page title="Tenants">{null}</Page>;
}
