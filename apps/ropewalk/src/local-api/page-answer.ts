/** A page of what waits for an application: read from behind a number on, the oldest first. */
import type { StoreReading } from "@ropewalk/mesh/pure/messages/store-questions";
import { type Answer, good, problem } from "./answer.ts";

const mostAtOnce = 1_000;

/** By "?after=NUMBER&most=COUNT&port=PORT", of which each may be left out. */
export async function pageAnswer<Row>(
  query: URLSearchParams,
  read: (after: number, most: number, port?: number) => Promise<StoreReading<readonly Row[]>>,
  documentOf: (rows: readonly Row[]) => object,
): Promise<Answer> {
  const after = wholeNumber(query.get("after") ?? "0", Number.MAX_SAFE_INTEGER);
  const most = wholeNumber(query.get("most") ?? "100", mostAtOnce);
  const port = query.has("port") ? wholeNumber(query.get("port") ?? "", 65_535) : undefined;
  if (after === undefined || most === undefined || most === 0 || (query.has("port") && port === undefined))
    return problem("bad-request", `after is a number, most is 1 to ${mostAtOnce}, and port 0 to 65535.`);
  const reading = await read(after, most, port);
  if (reading.kind === "unread") return problem("refused", `The inbox cannot be read now: ${reading.why}`);
  return good(documentOf(reading.value));
}

function wholeNumber(text: string, most: number): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return number === undefined || number > most ? undefined : number;
}
