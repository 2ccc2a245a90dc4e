/** Who carries it. */
import { Person } from "@/ui/person";
import { Table, Td, Th } from "@/ui/table";

import { number } from "./parts";
import type { Insight } from "./queries";

export function OnCallLoad({ people }: { people: Insight["on_call_load"] }) {
  if (people.length === 0) return <p className="text-muted">Nobody was on call or paged in these days.</p>;
  const most = Math.max(1, ...people.map(({ pages }) => pages));
  return (
    <Table caption="On-call load per person">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th className="text-right">On call</Th>
          <Th className="text-right">Pages</Th>
          <Th className="hidden w-1/4 sm:table-cell">
            <span className="sr-only">Pages, drawn</span>
          </Th>
          <Th className="text-right">At night</Th>
          <Th className="text-right">Weekend</Th>
        </tr>
      </thead>
      <tbody>
        {people.map(({ user, pages, night_pages, weekend_pages, hours_on_call }) => (
          <tr key={user.id}>
            <Td className="min-w-36">
              <Person id={user.id} name={user.display_name} />
            </Td>
            <Td className="text-right whitespace-nowrap tabular-nums">{number(Math.round(hours_on_call))} h</Td>
            <Td className="text-right tabular-nums">{number(pages)}</Td>
            <Td className="hidden align-middle sm:table-cell">
              <div aria-hidden className="h-2 rounded-full bg-accent" style={{ width: `${(pages / most) * 100}%` }} />
            </Td>
            <Td className="text-right tabular-nums">{number(night_pages)}</Td>
            <Td className="text-right tabular-nums">{number(weekend_pages)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
