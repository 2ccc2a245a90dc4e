/** "Who is on call for payments?", answered where it is asked. */
import { useQueries, useQuery } from "@tanstack/react-query";

import type { Schema } from "@/api/client";
import { moment, zoneName } from "@/time/words";

import { foundRostersQuery, onCallQuery } from "./palette-queries";
import { Group, Item } from "./palette-rows";

export function Answers({ roster, onOpen }: { roster: string; onOpen: (path: string) => void }) {
  // Without a name it is asked of all of them.
  const rosters = useQuery({ ...foundRostersQuery(roster), enabled: true });
  const meant = rosters.data ?? [];
  const answers = useQueries({ queries: meant.map(({ id }) => onCallQuery(id)) });
  if (rosters.isSuccess && !rosters.isPlaceholderData && meant.length === 0)
    return (
      <Group heading="On call" items={[roster]}>
        {(name) => (
          <Item key={name} value="oncall none" isDisabled onSelect={() => undefined}>
            {name ? `No roster is called “${name}”.` : "There is no roster yet."}
          </Item>
        )}
      </Group>
    );
  return (
    <Group heading="On call" items={meant}>
      {(each) => {
        const { data, error } = answers[meant.indexOf(each)]!;
        return (
          <Item key={each.id} value={`oncall ${each.id}`} onSelect={() => onOpen(`/rosters/${each.id}`)}>
            <span>
              <span className="text-muted">{each.name}:</span> {data ? said(data) : error ? `cannot be told now: ${error.message}` : "…"}
            </span>
          </Item>
        );
      }}
    </Group>
  );
}

function said({ primary, secondary, ends_at, timezone }: Schema["OnCallNow"]): string {
  if (!primary) return "nobody";
  const until = ends_at ? ` until ${moment(ends_at, timezone)} ${zoneName(ends_at, timezone)}` : "";
  return `${primary.display_name}${until}${secondary ? `, backup ${secondary.display_name}` : ""}`;
}
