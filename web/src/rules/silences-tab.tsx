/** Silences: until when each stands, who made it, and what it hides now. */
import { useMutation } from "@tanstack/react-query";

import { Ago, Countdown, Moment } from "@/time/time";
import { localZone, zoneName } from "@/time/words";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/field";
import { Pill } from "@/ui/severity";
import { toast } from "@/ui/toast";

import { SILENCE_FORM } from "./forms";
import { silences, type Silence } from "./kinds";
import { etagOf, RuleList } from "./list";
import { matchersText } from "./matcher";
import { fitsWords, Muting } from "./muting";
import { refreshRules } from "./queries";
import { Conditions, Row } from "./row";
import { undo } from "./undo";

interface SilencesTabProps {
  withExpired: boolean;
  onExpired: (shown: boolean) => void;
  onNew: (matchers?: string) => void;
  onEdit: (id: string) => void;
}

export function SilencesTab({ withExpired, onExpired, onNew, onEdit }: SilencesTabProps) {
  const kind = silences(withExpired);
  return (
    <RuleList
      kind={kind}
      needs="engineer"
      onNew={() => onNew()}
      more={<CheckField label="Those that are over too" checked={withExpired} onChange={(event) => onExpired(event.target.checked)} className="min-h-9 items-center" />}
      lead="Until it ends, alerts that fit a silence page nobody. They open, repeat and resolve as ever; what still fires at the end pages then."
      exampleWords="New disks arrive at six, and until then everybody knows."
      example={
        <Row title="New disks arrive at six" pills={<Pill className="border-warning text-warning">active</Pill>} actions={null}>
          <p className="text-muted">
            Fits <Conditions matchers={[{ name: "alertname", op: "=", value: "DiskFull" }, { name: "node", op: "=~", value: "db-[0-9]+" }]} />
          </p>
          <p>Ends in 3:42:10 · hides 4 alerts now</p>
        </Row>
      }
    >
      {(rules, mayWrite) => (
        <ul className="grid gap-2">
          {rules.map((rule) => (
            <li key={rule.id}>
              <Row title={rule.comment} pills={<State silence={rule} />} actions={mayWrite && <Actions silence={rule} onEdit={onEdit} onAgain={() => onNew(matchersText(SILENCE_FORM.valuesOf(rule).matchers))} />}>
                <p className="text-muted">
                  Fits <Conditions matchers={rule.matchers} />
                </p>
                <Standing silence={rule} />
              </Row>
            </li>
          ))}
        </ul>
      )}
    </RuleList>
  );
}

const STATES: Record<Silence["state"], string> = { active: "border-warning text-warning", pending: "border-info text-info", expired: "border-control text-muted" };

function State({ silence }: { silence: Silence }) {
  return <Pill className={STATES[silence.state]}>{silence.state === "expired" ? "over" : silence.state}</Pill>;
}

function Standing({ silence }: { silence: Silence }) {
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-1">
      {silence.state === "pending" && (
        <span>
          Starts in <Countdown to={silence.starts_at} />
        </span>
      )}
      {silence.state === "expired" ? (
        <span>
          Ended <Ago at={silence.ends_at} />
        </span>
      ) : (
        <span>
          {silence.state === "active" && (
            <>
              Ends in <span className="font-semibold"><Countdown to={silence.ends_at} /></span>,{" "}
            </>
          )}
          {silence.state === "pending" && "Ends "}
          <Moment at={silence.ends_at} /> {zoneName(silence.ends_at, localZone)}
        </span>
      )}
      {silence.state === "active" && <Muting rule={silence} matching={silence.matching} isExact={silence.matching_is_exact} />}
      {silence.state === "pending" && silence.matching != null && <span className="text-muted">{fitsWords(silence.matching, silence.matching_is_exact)} now</span>}
      <span className="text-muted">
        Made by {silence.created_by.name} <Ago at={silence.created_at} />
      </span>
    </p>
  );
}

function Actions({ silence, onEdit, onAgain }: { silence: Silence; onEdit: (id: string) => void; onAgain: () => void }) {
  const kind = silences(false);
  const content = SILENCE_FORM.contentOf(SILENCE_FORM.valuesOf(silence), silence);
  const expire = useMutation({
    mutationFn: () => kind.remove(silence.id, etagOf(silence)),
    // What is over stays over; taking it back makes the same again, from now on.
    onSuccess: () => toast.done("The silence is over. What it hid is judged again.", () => void undo(() => kind.make({ ...content, starts_at: silence.state === "pending" ? silence.starts_at : null }))),
    onError: (error) => toast.failed(`The silence stays: ${error.message}`),
    onSettled: refreshRules,
  });
  if (silence.state === "expired")
    return (
      <Button look="quiet" onClick={onAgain} aria-label={`Silence again: ${silence.comment}`}>
        Again
      </Button>
    );
  return (
    <>
      <Button look="quiet" onClick={() => onEdit(silence.id)} aria-label={`Change ${silence.comment}`}>
        Change
      </Button>
      <Button onClick={() => expire.mutate()} isBusy={expire.isPending} aria-label={`Expire now: ${silence.comment}`}>
        Expire now
      </Button>
    </>
  );
}
