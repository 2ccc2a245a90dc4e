/** The editor over a stored policy: publishes a new version, unless somebody else did so meanwhile. */
import { useEffect, useRef, useState } from "react";

import { client, Problem, readWithTag, type Schema } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

import { DiffLines } from "./diff-lines";
import { linesBetween, versionLines } from "./diff";
import { contentOf, draftOf, isSame, type Draft } from "./draft";
import { Editor } from "./editor";
import { policyQuery } from "./queries";
import { rollBack } from "./roll-back";
import type { Directory } from "./targets";
import { TryDraft } from "./try-draft";

interface Tagged {
  body: Schema["PolicyDetail"];
  etag: string | null;
}

interface EditTabProps {
  /** As the server has it now; it may change while one types. */
  newest: Tagged;
  directory: Directory;
  onLeave: (isSaved: boolean) => void;
}

export function EditTab({ newest, directory, onLeave }: EditTabProps) {
  const [base, setBase] = useState(newest);
  const id = base.body.id;

  const publish = async (draft: Draft) => {
    try {
      const saved = await readWithTag(client.PUT("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id }, header: { "If-Match": base.etag ?? undefined } }, body: contentOf(draft) }));
      queries.setQueryData(policyQuery(id).queryKey, saved);
      void queries.invalidateQueries({ queryKey: ["policy"] });
      toast.done(`Version ${saved.body.version} is in force.`, () => void rollBack(id, base.body.version, saved.etag));
      onLeave(true);
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        await queries.refetchQueries({ queryKey: policyQuery(id).queryKey });
        throw new Error("Somebody else changed this policy meanwhile. What you typed is still here; choose above what becomes of it.");
      }
      throw error;
    }
  };

  return (
    <Editor
      start={draftOf(base.body)}
      stored={draftOf(base.body)}
      directory={directory}
      action="Publish"
      onSave={publish}
      onCancel={() => onLeave(false)}
      notice={(draft, reset) => newest.etag !== base.etag && <Changed newest={newest} base={base} draft={draft} directory={directory} onTake={setBase} reset={reset} />}
      aside={(draft) => <TryDraft draft={draft} directory={directory} policyId={id} />}
    />
  );
}

interface ChangedProps {
  newest: Tagged;
  base: Tagged;
  draft: Draft;
  directory: Directory;
  onTake: (newest: Tagged) => void;
  reset: (to: Draft) => void;
}

/** Told as soon as it is known. Whoever has typed nothing yet simply goes on with the newest. */
function Changed({ newest, base, draft, directory, onTake, reset }: ChangedProps) {
  const isUntouched = isSame(draft, draftOf(base.body));
  const box = useRef<HTMLElement>(null);
  const take = () => {
    onTake(newest);
    reset(draftOf(newest.body));
  };
  useEffect(() => {
    if (isUntouched) take();
    else box.current?.scrollIntoView({ block: "start" });
    // Judged once per newest version.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [newest.etag]);
  if (isUntouched) return null;
  const mine = contentOf(draft) as Parameters<typeof versionLines>[0];
  return (
    <section ref={box} role="alert" aria-label="Changed meanwhile" className="mb-4 grid scroll-mt-16 gap-3 rounded-lg border border-warning p-4">
      <p>
        <span className="font-medium text-warning">Somebody else published version {newest.body.version} while you were typing.</span> Nothing of yours is lost. This is how yours differs from it:
      </p>
      <DiffLines lines={linesBetween(versionLines(newest.body, directory), versionLines(mine, directory))} before={`version ${newest.body.version}`} after="yours" />
      <div className="flex flex-wrap gap-2">
        <Button onClick={take}>Take theirs</Button>
        <Button onClick={() => onTake(newest)}>Keep mine, to publish over theirs</Button>
      </div>
    </section>
  );
}
