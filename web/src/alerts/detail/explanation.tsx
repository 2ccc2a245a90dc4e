/** The chain of decisions: from the sender's bytes to whom is paged next, each with the rule behind it. */
import { useQuery } from "@tanstack/react-query";

import { explanationQuery } from "@/alerts/queries";
import type { Schema } from "@/api/client";
import { WithTimes } from "@/time/time";
import { Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { plainly } from "./paging-words";
import { Mentioned, To } from "./mentioned";
import { mentionsOfStep } from "./mentions";
import { STEP_NAMES } from "./rail";
import { Evidence } from "./timeline";

type Step = Schema["ExplainedStep"];

export function Explanation({ alertId }: { alertId: string }) {
  const explanation = useQuery(explanationQuery(alertId));
  return (
    <Loaded query={explanation} what="The explanation" lines={8}>
      {({ words, steps }) => (
        <div className="grid gap-4">
          <p className="rounded-md border border-accent bg-accent-soft px-3 py-2"><WithTimes text={plainly(words)} /></p>
          <ol className="grid gap-0">
            {steps.map((step) => (
              <StepLine key={step.step} step={step} />
            ))}
          </ol>
        </div>
      )}
    </Loaded>
  );
}

function StepLine({ step }: { step: Step }) {
  const facts = Object.fromEntries(Object.entries(step.evidence ?? {}).filter(([name]) => name !== "opening" && name !== "latest"));
  const tried = step.tried ?? [];
  const mentions = mentionsOfStep(step);
  return (
    <li className="grid gap-1 border-b py-3 first:pt-0 last:border-b-0 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <h3 className="font-medium">{STEP_NAMES[step.step]}</h3>
      <div className="grid min-w-0 gap-1">
        <p className="wrap-anywhere">
          <Pill>{step.verdict.replaceAll("_", " ")}</Pill> <Mentioned text={plainly(step.why)} mentions={mentions} />
          {step.rule_name && !step.why.includes(step.rule_name) && (
            <span className="text-muted">
              {" "}
              (by <Mentioned text={`“${step.rule_name}”`} mentions={mentions} />)
            </span>
          )}
        </p>
        {step.now && (
          <p className="text-warning wrap-anywhere">
            By the rules of today: {step.now.verdict.replaceAll("_", " ")}, <Mentioned text={plainly(step.now.why)} mentions={mentions} />
          </p>
        )}
        {tried.length > 0 && (
          <details>
            <summary className="w-fit min-h-6 text-xs text-muted hover:text-text">
              {tried.length} {tried.length === 1 ? "rule was" : "rules were"} tried
            </summary>
            <ul className="mt-1 grid gap-1 rounded-md border bg-sunken p-3 text-xs">
              {tried.map((rule) => (
                <li key={rule.id} className="wrap-anywhere">
                  <span className="text-muted">{rule.kind.replaceAll("_", " ")}</span> <To mention={{ place: rule.kind, id: rule.id }}>“{rule.name}”</To> <span className={rule.verdict === "fits" ? "text-ok" : "text-muted"}>{rule.verdict.replaceAll("_", " ")}</span>: <WithTimes text={plainly(rule.why)} />
                </li>
              ))}
            </ul>
          </details>
        )}
        {Object.keys(facts).length > 0 && (
          <details>
            <summary className="w-fit min-h-6 text-xs text-muted hover:text-text">Evidence</summary>
            <Evidence facts={facts} />
          </details>
        )}
      </div>
    </li>
  );
}
