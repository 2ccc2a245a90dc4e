/** Forms over something that has revisions: what somebody else saved meanwhile is told, and nothing typed is lost. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { DefaultValues, FieldValues, Path, UseFormReturn } from "react-hook-form";

import { Problem } from "@/api/client";

import { Button } from "./button";
import { rebase } from "./rebase";

export interface Revised<F> {
  values: F;
  etag: string | null;
}

interface RevisionOptions<F extends FieldValues> {
  form: UseFormReturn<F>;
  /** What the form began with. */
  first: Revised<F>;
  readNewest: () => Promise<Revised<F>>;
  /** What the form calls its fields. */
  labels: Partial<Record<keyof F & string, string>>;
}

interface Revision {
  /** For `If-Match`. */
  etag: string | null;
  /** Takes up a 412; false when the refusal was something else. */
  settle: (error: unknown) => Promise<boolean>;
  notice: ReactNode;
}

export function useRevision<F extends FieldValues>({ form, first, readNewest, labels }: RevisionOptions<F>): Revision {
  const [base, setBase] = useState(first);
  const [clashes, setClashes] = useState<ReadonlyArray<keyof F & string> | null>(null);
  const box = useRef<HTMLDivElement>(null);
  // The button that was pressed may be far below what it came to.
  useEffect(() => {
    // Browsers have begun to answer with a promise here, which an effect must not give back.
    void box.current?.scrollIntoView({ block: "center" });
  }, [clashes]);
  const settle = async (error: unknown) => {
    if (!(error instanceof Problem && error.status === 412)) return false;
    const newest = await readNewest();
    const mine = form.getValues();
    const rebased = rebase(base.values, mine, newest.values);
    form.reset(newest.values as DefaultValues<F>, { keepDirty: false });
    for (const name of Object.keys(rebased.values) as Path<F>[]) form.setValue(name, rebased.values[name], { shouldDirty: true });
    setBase(newest);
    setClashes(rebased.clashes);
    return true;
  };
  const takeNewest = () => {
    form.reset(base.values as DefaultValues<F>);
    setClashes(null);
  };
  const notice = clashes && (
    <div ref={box} role="alert" className="grid gap-2 rounded-md border border-warning p-3">
      <p className="font-medium text-warning">Somebody else saved a change while you wrote.</p>
      <p>Nothing is saved yet, and nothing that you typed is lost. Where only they changed something, the form shows theirs now. Save again to keep it so.</p>
      {clashes.length > 0 && (
        <dl className="grid gap-2">
          <dt className="text-muted">Both of you changed this; the form has yours, and theirs is:</dt>
          {clashes.map((name) => (
            <dd key={name} className="grid gap-0.5">
              <span className="font-medium">{labels[name] ?? name}</span>
              <pre tabIndex={0} className="max-h-40 overflow-auto rounded bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">
                {String(base.values[name]) || "(empty)"}
              </pre>
            </dd>
          ))}
        </dl>
      )}
      <div>
        <Button onClick={takeNewest}>Drop mine, take theirs</Button>
      </div>
    </div>
  );
  return { etag: base.etag, settle, notice };
}
