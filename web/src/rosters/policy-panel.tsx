import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { queries } from "@/api/queries";
import { Button, buttonClass } from "@/ui/button";
import { FormError, SelectField } from "@/ui/field";
import { Loaded, Panel } from "@/ui/panel";
import { toast } from "@/ui/toast";

import { letPolicyAsk } from "./policy-link";
import { policiesQuery, type Roster } from "./queries";

/** The policies that page who is on call here. */
export function PolicyPanel({ roster, mayPlan }: { roster: Roster; mayPlan: boolean }) {
  const policies = useQuery(policiesQuery);
  const [chosen, setChosen] = useState("");
  const attach = useMutation({
    mutationFn: () => letPolicyAsk(chosen, roster.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["policy"] });
      setChosen("");
      toast.done("The policy asks this roster from now on.");
    },
  });
  return (
    <Panel title="Policies that ask this roster">
      <Loaded query={policies} what="The policies">
        {(all) => {
          const mine = all.filter((policy) => policy.roster_id === roster.id);
          const others = all.filter((policy) => policy.roster_id !== roster.id);
          return (
            <div className="grid gap-4">
              {mine.length === 0 ? (
                <p className="text-warning">No policy asks this roster, so nobody is paged through it.</p>
              ) : (
                <ul className="grid gap-1">
                  {mine.map((policy) => (
                    <li key={policy.id}>
                      <Link to="/policies/$policyId" params={{ policyId: policy.id }} className="link inline-flex min-h-6 items-center">
                        {policy.name}
                      </Link>{" "}
                      <span className="text-muted">{policy.description}</span>
                    </li>
                  ))}
                </ul>
              )}
              {mayPlan && others.length > 0 && (
                <div className="flex flex-wrap items-end gap-2">
                  <SelectField label="Let another policy ask it" value={chosen} onChange={(event) => setChosen(event.target.value)} className="min-w-56">
                    <option value="">Choose a policy</option>
                    {others.map((policy) => (
                      <option key={policy.id} value={policy.id}>
                        {policy.name}
                        {policy.roster_id ? " (asks another roster now)" : ""}
                      </option>
                    ))}
                  </SelectField>
                  <Button disabled={!chosen} isBusy={attach.isPending} onClick={() => attach.mutate()}>
                    Write a new version
                  </Button>
                </div>
              )}
              {mayPlan && (
                <Link to="/policies/new" className={`${buttonClass("quiet")} justify-self-start`}>
                  New policy
                </Link>
              )}
              <FormError error={attach.error} />
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
