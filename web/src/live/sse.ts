/** Server-sent events out of a text that arrives in pieces (WHATWG HTML, "event stream interpretation"). Pure. */

export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** Reads one stream; a piece may end anywhere, also within a line's end. */
export class MessageReader {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id: string | null = null;

  /** The messages that this piece completes. */
  feed(piece: string): Message[] {
    const text = this.#rest + piece;
    // A carriage return at the end may be half of a line's end.
    const isHalf = text.endsWith("\r");
    const lines = (isHalf ? text.slice(0, -1) : text).split(/\r\n|\n|\r/u);
    this.#rest = lines.pop()! + (isHalf ? "\r" : "");
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): Message | null {
    if (line === "") return this.#end();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /u, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #end(): Message | null {
    const message = this.#data.length > 0 ? { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") } : null;
    [this.#event, this.#data] = ["", []];
    return message;
  }
}
