import { useMe } from "@/session/me";
import { Snippet } from "@/ui/copy";
import { Panel } from "@/ui/panel";

import { AdminFrame } from "./frame";

/**
 * Tenants belong to whoever runs the installation, whose keys open nothing of a tenant; a tenant's admin is refused
 * there. So this page tells the way instead of showing a list that nobody who sees it may read.
 */
export default function TenantsPage() {
  const me = useMe();
  const origin = window.location.origin;
  return (
    <AdminFrame title="Tenants" lead={`You are in ${me.tenant}. Each tenant has its own people, keys, alerts and rosters; none sees another.`}>
      <Panel title="For whoever runs the installation">
        <div className="grid gap-4">
          <p className="max-w-prose">There is no list of tenants in the browser, by design: whoever is signed in belongs to one tenant, its admins too, and may not learn that others exist.</p>
          <p className="max-w-prose text-muted">Tenants are made, suspended and limited with a platform key, which belongs to no tenant. It is made on the machine that runs NightOwl:</p>
          <Snippet text="nightowl platform-key create 'operations'" />
          <p className="max-w-prose text-muted">With it, all tenants can be listed, and one can be made with its first admin:</p>
          <Snippet text={`curl -s ${origin}/api/v1/admin/tenants -H 'X-API-Key: owp_…'`} />
          <Snippet text={`curl -s ${origin}/api/v1/admin/tenants -H 'X-API-Key: owp_…' -H 'Content-Type: application/json' -d '{"slug": "globex", "name": "Globex"}'`} />
          <Snippet text={`curl -s -X POST ${origin}/api/v1/admin/tenants/globex/suspend -H 'X-API-Key: owp_…'`} />
        </div>
      </Panel>
    </AdminFrame>
  );
}
