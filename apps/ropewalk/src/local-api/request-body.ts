/** The documents that come with requests. All that are read at a time have a bound together, whoever sends them. */
import type { IncomingMessage } from "node:http";
import { type Bytes, bytes } from "@ropewalk/kernel/units";
import type { z } from "zod";
import { type Answer, problem } from "./answer.ts";

/** Of one: the longest message that a configuration allows, as base64, and what is around it. */
export const largestBody: Bytes = bytes(24 * 2 ** 20);
const mostTogether = 2 * largestBody;

export type ReadBody = () => Promise<Uint8Array | Answer>;

export class RequestBodies {
  #octets = 0;

  /** What came whole, or why it is not read. The server has seen to it that its length is said. Never rejects. */
  async read(request: IncomingMessage): Promise<Uint8Array | Answer> {
    const length = Number(request.headers["content-length"] ?? 0);
    if (this.#octets + length > mostTogether)
      return problem("too-busy", "Too many large documents come at once; send it again later.");
    this.#octets += length;
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      return Buffer.concat(chunks);
    } catch {
      return problem("bad-request", "The document ended before it was whole.");
    } finally {
      this.#octets -= length;
    }
  }
}

/** What `act` answers to the document, or what is wrong with it. */
export async function withDocument<T>(
  read: ReadBody,
  schema: z.ZodType<T>,
  act: (document: T) => Answer | Promise<Answer>,
): Promise<Answer> {
  const body = await read();
  if (!(body instanceof Uint8Array)) return body;
  const parsed = schema.safeParse(parsedJson(body));
  if (parsed.success) return await act(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "the document" : issue.path.join(".");
  return problem("bad-request", `What came is not what is read here: ${where}: ${issue?.message ?? "not JSON"}`);
}

function parsedJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
