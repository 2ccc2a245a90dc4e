/** What can be done with what the page has selected; with a name behind the verb, to whom. */
import { useQuery } from "@tanstack/react-query";

import { shownKey } from "@/ui/key-map";
import { useSettled } from "@/ui/use-settled";

import { foundPeopleQuery, PAUSE_MS } from "./palette-queries";
import { Group, Item } from "./palette-rows";
import { verbsNow, type WithPerson } from "./palette-verbs";
import { fits, nameBehind } from "./palette-words";

interface DoProps {
  typed: string;
  onRun: (run: () => void) => void;
}

export function Do({ typed, onRun }: DoProps) {
  const verbs = verbsNow().map((verb) => ({ ...verb, name: verb.withPerson ? nameBehind(typed, verb.withPerson.begins) : null }));
  const isShown = ({ name, label, isMinor, disabledReason }: (typeof verbs)[number]) => (name ? disabledReason !== undefined : name === "" || (fits(typed, label) && (typed !== "" || !isMinor)));
  const shown = verbs.filter(isShown);
  const named = verbs.filter((verb) => verb.name && verb.disabledReason === undefined);
  return (
    <>
      {named.map(({ label, withPerson, name }) => (
        <ToWhom key={label} heading={label} withPerson={withPerson!} name={name!} onRun={onRun} />
      ))}
      <Group heading="Do" items={shown}>
        {(verb) => (
          // Two alerts may have one title.
          <Item key={`${shown.indexOf(verb)} ${verb.label}`} value={`do ${shown.indexOf(verb)} ${verb.label}`} isDisabled={verb.disabledReason !== undefined} onSelect={() => onRun(verb.run)} more={verb.disabledReason ?? (verb.hint && shownKey(verb.hint))}>
            {verb.label}
          </Item>
        )}
      </Group>
    </>
  );
}

/** The people of that name, as the server finds them. */
function ToWhom({ heading, withPerson, name, onRun }: { heading: string; withPerson: WithPerson; name: string; onRun: DoProps["onRun"] }) {
  const people = useQuery(foundPeopleQuery(useSettled(name, PAUSE_MS)));
  if (!people.data?.length)
    return (
      <Group heading={heading} items={[name]}>
        {() => (
          <Item key={name} value={`nobody ${heading}`} isDisabled onSelect={() => undefined}>
            {people.error ? `People could not be searched: ${people.error.message}` : people.isFetching ? "…" : `Nobody is called “${name}”.`}
          </Item>
        )}
      </Group>
    );
  return (
    <Group heading={heading} items={people.data}>
      {({ id, display_name, email }) => (
        <Item key={id} value={`${heading} ${id}`} onSelect={() => onRun(() => withPerson.run({ id, name: display_name }))} more={email}>
          {withPerson.label(display_name)}
        </Item>
      )}
    </Group>
  );
}
