/** Views of the list: those that everybody has, and those that were saved; and what can be done to them. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ChevronDown, Users } from "lucide-react";
import { memo, useState } from "react";

import { countInWords } from "@/alerts/list/queries";
import { may, useMe, type Me } from "@/session/me";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/menu";
import { toast } from "@/ui/toast";

import { keyOf, viewQueryOf, type AlertFilter } from "./search";
import { ViewDialog } from "./views-dialog";
import { contentOf, createView, deleteView, filterOfView, updateView, viewCountQuery, viewsQuery, type SavedView } from "./views-queries";

interface ViewsProps {
  filter: AlertFilter;
  onChange: (filter: AlertFilter) => void;
}

interface Entry {
  key: string;
  name: string;
  filter: AlertFilter;
  isShared: boolean;
}

function ownEntries(me: Me): Entry[] {
  const entry = (name: string, filter: AlertFilter): Entry => ({ key: name, name, filter, isShared: false });
  return [
    entry("All", {}),
    entry("Open", { not_status: "resolved" }),
    entry("Nobody has it", { status: "firing", holder: "none" }),
    ...(me.user_id ? [entry("With you", { not_status: "resolved", holder: me.user_id })] : []),
  ];
}

/** A strip of views with their counts. A failed call leaves the views that everybody has, and says so in the menu. */
export const ViewStrip = memo(function ViewStrip({ filter, areCounted, onChange }: ViewsProps & { areCounted: boolean }) {
  const me = useMe();
  const views = useQuery(viewsQuery);
  const key = keyOf(filter);
  const saved = (views.data?.items ?? []).map((view): Entry => ({ key: view.id, name: view.name, filter: filterOfView(view), isShared: view.is_shared }));
  return (
    <nav aria-label="Views" className="-mx-4 overflow-x-auto px-4 md:mx-0 md:px-0">
      <ul className="flex gap-1 border-b">
        {[...ownEntries(me), ...saved].map((entry) => (
          <li key={entry.key}>
            <Tab entry={entry} isOn={keyOf(entry.filter) === key} isCounted={areCounted} onPick={() => onChange(entry.filter)} />
          </li>
        ))}
      </ul>
    </nav>
  );
});

function Tab({ entry, isOn, isCounted, onPick }: { entry: Entry; isOn: boolean; isCounted: boolean; onPick: () => void }) {
  const count = useQuery({ ...viewCountQuery(entry.filter), enabled: isCounted }).data;
  return (
    <button
      type="button"
      aria-current={isOn ? "true" : undefined}
      onClick={onPick}
      className={clsx("target inline-flex items-center gap-1.5 border-b-2 px-2.5 whitespace-nowrap -outline-offset-2", isOn ? "border-accent font-medium" : "border-transparent text-muted hover:text-text")}
    >
      {entry.name}
      {entry.isShared && <Users size={12} role="img" aria-label="shared" />}
      {count && <span className="rounded-full bg-raised px-1.5 text-xs text-muted tabular-nums">{countInWords(count.total, count.isExact)}</span>}
    </button>
  );
}

type Open = { kind: "save" } | { kind: "rename" | "delete"; view: SavedView };

/** Saves what is shown, and changes the saved view that is shown. */
export function ViewMenu({ filter, onChange }: ViewsProps) {
  const me = useMe();
  const views = useQuery(viewsQuery);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const key = keyOf(filter);
  const [lastId, setLastId] = useState<string | null>(null);
  const all = views.data?.items ?? [];
  const shown = all.find((view) => keyOf(filterOfView(view)) === key);
  if (shown && shown.id !== lastId) setLastId(shown.id);
  // A view that was shown and then filtered further can take over what is shown now.
  const near = shown ?? all.find((view) => view.id === lastId);
  const isTheirs = (view: SavedView) => may(me, "admin") || view.owner?.id === me.user_id || view.owner?.name === me.name;
  const change = useMutation({
    mutationFn: ({ view, content }: { view: SavedView; content: Parameters<typeof updateView>[1] }) => updateView(view, content),
    onSuccess: (now) => toast.done(`Saved the view “${now.name}”`),
    onError: (error) => toast.failed(`The view was not changed: ${error.message}`),
  });
  const remove = useMutation({
    mutationFn: deleteView,
    onSuccess: (_, view) => {
      close();
      toast.done(`Deleted the view “${view.name}”`, () => void createView(contentOf(view)).catch((error: Error) => toast.failed(`The view could not be brought back: ${error.message}`)));
    },
    onError: (error) => toast.failed(`The view was not deleted: ${error.message}`),
  });
  return (
    <>
      <Menu
        trigger={
          <Button>
            Views <ChevronDown size={14} aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => setOpen({ kind: "save" })} disabled={!!shown}>
          {shown ? `Shown: ${shown.name}` : "Save what is shown…"}
        </MenuItem>
        {near && isTheirs(near) && (
          <>
            <MenuLine />
            <MenuLabel>{near.name}</MenuLabel>
            {!shown && (
              <MenuItem onSelect={() => change.mutate({ view: near, content: { ...contentOf(near), query: viewQueryOf(filter) } })}>Save the changed filter in it</MenuItem>
            )}
            <MenuItem onSelect={() => setOpen({ kind: "rename", view: near })}>Rename, share, sound…</MenuItem>
            <MenuItem isDanger onSelect={() => setOpen({ kind: "delete", view: near })}>
              Delete…
            </MenuItem>
          </>
        )}
        <MenuLine />
        <MenuLabel>{views.error ? "The saved views could not be loaded" : all.length ? "Saved views" : "No saved views yet"}</MenuLabel>
        {views.error && <MenuItem onSelect={() => void views.refetch()}>Try again</MenuItem>}
        {all.map((view) => (
          <MenuItem key={view.id} onSelect={() => onChange(filterOfView(view))}>
            <span className="min-w-0 flex-1 truncate">{view.name}</span>
            <span className="text-xs text-muted">{view.is_shared ? `shared${view.owner ? ` by ${view.owner.name}` : ""}` : "yours"}</span>
          </MenuItem>
        ))}
      </Menu>
      {open?.kind === "save" && <ViewDialog query={viewQueryOf(filter)} onClose={close} />}
      {open?.kind === "rename" && <ViewDialog query={open.view.query} view={open.view} onClose={close} />}
      {open?.kind === "delete" && (
        <Confirm isOpen onClose={close} onConfirm={() => remove.mutate(open.view)} isBusy={remove.isPending} title={`Delete the view “${open.view.name}”`} action="Delete view" isDanger>
          {open.view.is_shared ? "It goes for everybody. Alerts stay as they are." : "Alerts stay as they are."}
        </Confirm>
      )}
    </>
  );
}
