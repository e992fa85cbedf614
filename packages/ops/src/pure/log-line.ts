/** A log record as one line for people: "12:00:01.234 warn  uplink lost  name=eth0". Nothing in it can move a terminal's cursor. */

/** The names of a record's own parts; fields cannot take their place. */
export const recordKeys = { level: "level", time: "time", message: "message" } as const;

/** Takes the JSON of one record, with or without its line feed; text that is no record is given back on one line. */
export function formatLogLine(json: string): string {
  const record = parseRecord(json);
  if (record === undefined) return `${printable(json.trimEnd())}\n`;
  const { level, time, message, ...fields } = record;
  const clock = typeof time === "string" ? time.slice(11, 23) : "";
  const shown = Object.entries(fields).map(([key, value]) => `${printable(key)}=${fieldText(value)}`);
  const head = `${clock} ${String(level).padEnd(5)} ${printable(String(message ?? ""))}`;
  return `${shown.length === 0 ? head : `${head}  ${shown.join(" ")}`}\n`;
}

function parseRecord(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const record: unknown = JSON.parse(json);
    return typeof record === "object" && record !== null && !Array.isArray(record) ? { ...record } : undefined;
  } catch {
    return undefined;
  }
}

/** An error shows as its messages, which is what a person reads first; other values as JSON where a bare word would mislead. */
function fieldText(value: unknown): string {
  if (typeof value === "string") return /^[\w.:/@%+,-]+$/.test(value) ? value : quoted(value);
  const messages = causeMessages(value);
  return messages.length > 0 ? quoted(messages.join(": ")) : printable(JSON.stringify(value) ?? "");
}

function causeMessages(value: unknown): readonly string[] {
  const messages: string[] = [];
  let current: unknown = value;
  while (typeof current === "object" && current !== null && "message" in current && "name" in current) {
    messages.push(String(current.message));
    current = "cause" in current ? current.cause : undefined;
  }
  return messages;
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Control characters, and those that reorder text (Unicode TR 36 §2.3), as escapes. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
