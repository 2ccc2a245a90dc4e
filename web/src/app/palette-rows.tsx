import { Command } from "cmdk";
import type { ReactNode } from "react";

interface GroupProps<T> {
  heading: string;
  items: readonly T[] | undefined;
  children: (item: T) => ReactNode;
}

/** Nothing where there is nothing. */
export function Group<T>({ heading, items, children }: GroupProps<T>) {
  if (!items?.length) return null;
  return (
    <Command.Group heading={heading} className="pb-1 text-xs text-muted *:[[cmdk-group-heading]]:px-3 *:[[cmdk-group-heading]]:py-1">
      {items.map(children)}
    </Command.Group>
  );
}

interface ItemProps {
  /** Told apart by this. */
  value: string;
  onSelect: () => void;
  isDisabled?: boolean;
  /** At the right: a key, a state, or why it cannot be chosen. */
  more?: ReactNode;
  children: ReactNode;
}

export function Item({ value, onSelect, isDisabled = false, more, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      disabled={isDisabled}
      className="target flex cursor-pointer items-center justify-between gap-3 rounded-md px-3 text-sm text-text data-[disabled=true]:cursor-not-allowed data-[disabled=true]:text-muted data-[selected=true]:bg-accent-soft"
    >
      <span className="flex min-w-0 items-center gap-2 py-1 wrap-anywhere">{children}</span>
      {more && <span className="shrink-0 text-xs text-muted">{more}</span>}
    </Command.Item>
  );
}
