import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Button, buttonClass } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Markdown } from "@/ui/markdown";
import { parseMarkdown } from "@/ui/markdown-tree";
import { plainText } from "@/ui/markdown-inline";
import { Loaded } from "@/ui/panel";
import { Pill } from "@/ui/severity";

import { templatesQuery, type RunbookTemplate } from "./queries";
import { withoutTitle } from "./title";

/** Runbooks to start from, each as a card that opens to be read. */
export function Templates({ isWriter }: { isWriter: boolean }) {
  const templates = useQuery(templatesQuery);
  const [open, setOpen] = useState<RunbookTemplate | null>(null);
  return (
    <>
      <Loaded query={templates} what="The templates" lines={6}>
        {(page) => (
          <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {page.items.map((template) => (
              <li key={nameOf(template)} className="grid min-w-0 grid-rows-[1fr_auto] gap-3 rounded-lg border bg-card p-4">
                <div className="grid content-start gap-1">
                  <h2 className="wrap-anywhere">{template.title}</h2>
                  <p className="line-clamp-2 text-muted">{leadOf(template.markdown)}</p>
                  <p className="flex flex-wrap gap-1 pt-1">
                    <Pill className={template.slug ? undefined : "border-accent text-accent"}>{template.slug ? "comes with NightOwl" : "yours"}</Pill>
                    {template.category && <Pill>{template.category}</Pill>}
                  </p>
                </div>
                <div className="flex flex-wrap gap-2">
                  <Button onClick={() => setOpen(template)} aria-label={`Read ${template.title}`}>
                    Read
                  </Button>
                  {isWriter && <Use template={template} />}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {open && (
        <Dialog isOpen onClose={() => setOpen(null)} title={open.title} isWide>
          <Markdown text={withoutTitle(open.markdown, open.title)} />
          <DialogButtons>
            <Button onClick={() => setOpen(null)}>Close</Button>
            {isWriter && <Use template={open} isMain />}
          </DialogButtons>
        </Dialog>
      )}
    </>
  );
}

function Use({ template, isMain = false }: { template: RunbookTemplate; isMain?: boolean }) {
  return (
    <Link to="/runbooks/new" search={{ template: nameOf(template) }} className={buttonClass(isMain ? "ack" : "quiet")}  aria-label={`Start from it: ${template.title}`}>
      Start from it
    </Link>
  );
}

export function nameOf(template: RunbookTemplate): string {
  return template.slug ?? template.runbook_id ?? template.title;
}

/** The first sentence or two, below the title. */
function leadOf(markdown: string): string {
  const first = parseMarkdown(markdown).find((block) => block.kind === "paragraph");
  return first?.kind === "paragraph" ? plainText(first.children) : "";
}
