import { useQuery } from "@tanstack/react-query";

import { client, read } from "@/api/client";
import { Loaded, Panel } from "@/ui/panel";

import { configQuery, GeneralForm } from "./config-form";
import { AdminFrame } from "./frame";
import { PROVIDERS, ProviderPanel } from "./provider-panel";

export default function ConfigPage() {
  const config = useQuery(configQuery);
  const policies = useQuery({ queryKey: ["policy", "names"], queryFn: () => read(client.GET("/api/v1/policies", { params: { query: { limit: 200 } } })) });
  return (
    <AdminFrame title="Configuration" lead="What holds for the whole tenant, and the accounts that its pages are sent with.">
      <Panel title="General">
        <Loaded query={config} what="The configuration" lines={8}>
          {(data) => <GeneralForm key={data.revision} config={data} policies={policies.data?.items ?? []} />}
        </Loaded>
      </Panel>
      <div className="grid gap-4 xl:grid-cols-3">
        {PROVIDERS.map((provider) => (
          <ProviderPanel key={provider.name} provider={provider} />
        ))}
      </div>
    </AdminFrame>
  );
}
