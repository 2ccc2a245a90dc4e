/** All keys on one sheet (`?`). */
import { Dialog } from "@/ui/dialog";
import { shownKey } from "@/ui/key-map";

import { KEY_ACTIONS, type KeyAction } from "./key-actions";
import { GROUPS } from "./nav";

type Row = readonly [string, string];

function rowsOf(place: KeyAction["place"]): Row[] {
  return KEY_ACTIONS.filter((action) => action.place === place && action.name !== "go").map(({ usual, words }) => [shownKey(usual), words]);
}

function sections(): ReadonlyArray<readonly [string, readonly Row[]]> {
  const places = GROUPS.flatMap((group) => group.places).flatMap(({ key, label }): Row[] => (key ? [[shownKey(`g ${key}`), label]] : []));
  return [
    ["Anywhere", [["Ctrl K", "search, or do something"], ...places, ...rowsOf("Anywhere")]],
    ["Alerts", [...rowsOf("Alerts"), [`Shift ${shownKey("x").toUpperCase()}`, "select up to here"], ["Enter", "open"]]],
  ];
}

export default function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title="Keys" lead="They rest while you type. In the settings they can be turned off, or put elsewhere." isWide>
      <div className="grid gap-6 sm:grid-cols-2">
        {sections().map(([place, keys]) => (
          <section key={place}>
            <h3 className="mb-2 font-medium">{place}</h3>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
              {keys.map(([key, what]) => (
                <div key={what} className="contents">
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
