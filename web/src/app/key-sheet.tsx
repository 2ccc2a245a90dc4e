/** All keys on one sheet (`?`). */
import { Dialog } from "@/ui/dialog";

const KEYS: ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, string]>]> = [
  ["Anywhere", [["Ctrl K", "search, or do something"], ["g n", "Now"], ["g a", "Alerts"], ["g k", "Knowledge base"], ["g o", "Rosters"], ["g e", "Policies"], ["u", "undo what was done last"], ["?", "this sheet"]]],
  ["Alerts", [["j k", "next, previous"], ["x", "select"], ["Shift X", "select up to here"], ["Enter", "open"], ["a", "acknowledge"], ["s", "snooze"], ["e", "escalate now"], ["r", "resolve, with a reason"], ["c", "comment"], ["m", "assign"], ["/", "search"], ["f", "filters"]]],
];

export default function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title="Keys" lead="They rest while you type, and can be turned off in the settings." isWide>
      <div className="grid gap-6 sm:grid-cols-2">
        {KEYS.map(([place, keys]) => (
          <section key={place}>
            <h3 className="mb-2 font-medium">{place}</h3>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
              {keys.map(([key, what]) => (
                <div key={key} className="contents">
                  <dt>
                    <kbd className="rounded border border-control px-1.5 font-mono text-xs">{key}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
