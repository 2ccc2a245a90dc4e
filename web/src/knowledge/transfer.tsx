/** The whole knowledge base as one JSON document, out and in. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, EllipsisVertical, Upload } from "lucide-react";
import { useRef, useState } from "react";

import { client, Problem, read, type Schema } from "@/api/client";
import { Button, IconButton } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { FormError } from "@/ui/field";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toast";

import { readDocument } from "./document";

type Document = Schema["KnowledgeImport"];

export function Transfer({ mayImport }: { mayImport: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const take = useMutation({
    mutationFn: () => read(client.GET("/api/v1/incidents/export")),
    onSuccess: (dump) => {
      save("nightowl-knowledge.json", JSON.stringify(dump, null, 2));
      toast.done(`${dump.incidents.length} entries and ${dump.runbooks.length} runbooks are in the file.`);
    },
    onError: (error) => toast.failed(`The export failed. ${error.message}`),
  });
  return (
    <>
      <Menu trigger={<IconButton label="Import and export" icon={<EllipsisVertical size={18} />} />}>
        <MenuItem onSelect={() => take.mutate()} disabled={take.isPending}>
          <Download size={16} aria-hidden /> Export as JSON
        </MenuItem>
        <MenuItem onSelect={() => setOpen(true)} disabled={!mayImport}>
          <Upload size={16} aria-hidden /> Import JSON{!mayImport && " (needs engineer)"}
        </MenuItem>
      </Menu>
      {isOpen && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ImportDialog({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const file = useRef<HTMLInputElement>(null);
  const [document, setDocument] = useState<Document | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const bring = useMutation({
    mutationFn: (body: Document) => read(client.POST("/api/v1/incidents/import", { body })),
    onSuccess: async () => {
      await Promise.all([cache.invalidateQueries({ queryKey: ["incident"] }), cache.invalidateQueries({ queryKey: ["runbook"] })]);
    },
  });
  const choose = async (chosen: File | undefined) => {
    setError(null);
    setDocument(null);
    bring.reset();
    if (!chosen) return;
    try {
      setDocument(readDocument(await chosen.text()));
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
  };
  const report = bring.data;
  const refused = bring.error instanceof Problem ? bring.error.fields : [];
  return (
    <Dialog isOpen onClose={onClose} title="Import entries" lead="A file that an export wrote. All of it is taken in, or nothing; entries that are here already are updated.">
      <div className="grid gap-3">
        <label className="grid gap-1">
          <span className="font-medium">File</span>
          <input ref={file} type="file" accept="application/json,.json" onChange={(event) => void choose(event.target.files?.[0])} className="target w-full min-w-0 file:mr-3 file:rounded-md file:border file:border-control file:bg-card file:px-3 file:py-1.5 file:text-text" />
        </label>
        <FormError error={error ?? bring.error} />
        {refused.length > 0 && (
          <ul className="max-h-40 list-disc overflow-y-auto pl-5 text-danger">
            {refused.slice(0, 20).map(({ field, reason }) => (
              <li key={field}>
                <code className="font-mono text-xs">{field}</code>: {reason}
              </li>
            ))}
          </ul>
        )}
        {document && !report && (
          <p role="status">
            {document.incidents?.length ?? 0} entries and {document.runbooks?.length ?? 0} runbooks are in this file.
          </p>
        )}
        {report && (
          <p role="status">
            Done: {report.created} new, {report.updated} updated, {report.unchanged} as they were, {report.skipped} passed over because they are merged here.
          </p>
        )}
      </div>
      <DialogButtons>
        <Button onClick={onClose}>{report ? "Close" : "Cancel"}</Button>
        {!report && (
          <Button look="ack" disabled={!document} isBusy={bring.isPending} onClick={() => document && bring.mutate(document)}>
            Import
          </Button>
        )}
      </DialogButtons>
    </Dialog>
  );
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
