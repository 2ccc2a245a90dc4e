import fc from "fast-check";
import { expect, it } from "vitest";

import { MessageReader, type Message } from "./sse";

const line = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\r\n\0]/u.test(text));
const word = fc.stringMatching(/^[a-z]{1,6}$/u);
const message = fc.record({ id: word, event: word, data: fc.array(line, { minLength: 1, maxLength: 3 }) });

it("reads the same messages wherever the text is cut, and with every kind of line end", () => {
  const given = fc.tuple(fc.array(message), fc.constantFrom("\n", "\r\n", "\r"), fc.infiniteStream(fc.integer({ min: 1, max: 7 })));
  fc.assert(
    fc.property(given, ([messages, end, cuts]) => {
      const text = messages.map(({ id, event, data }) => [`id: ${id}`, ": a comment", `event:${event}`, ...data.map((each) => `data: ${each}`), "", ""].join(end)).join("");
      const reader = new MessageReader();
      const read: Message[] = [];
      for (let at = 0; at < text.length; ) {
        const next = at + cuts.next().value!;
        read.push(...reader.feed(text.slice(at, next)));
        at = next;
      }
      // A lone carriage return may be half of a line's end: what comes next tells.
      read.push(...reader.feed(":\n"));
      expect(read).toEqual(messages.map(({ id, event, data }) => ({ id, event, data: data.join("\n") })));
    }),
  );
});

it("keeps the id of the last message, and tells nothing of blocks without data", () => {
  const reader = new MessageReader();
  expect(reader.feed("id: 1\ndata: a\n\nretry: 5\n\ndata: b\n\n")).toEqual([
    { id: "1", event: "message", data: "a" },
    { id: "1", event: "message", data: "b" },
  ]);
});
