/** What was pasted: JSON where it is JSON, else the text itself. Pure. */
export function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
