/** What the local API answers: a document, good or saying what is wrong. */
import type { ServerResponse } from "node:http";
import { type ProblemCode, type ProblemDocument, problemDocument, problemMediaType } from "@ropewalk/api/problem";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly document: object;
  /** The methods that this path has, when the request had another (RFC 9110 §15.5.6). */
  readonly allow?: string;
}

export function good(document: object): Answer {
  return { status: 200, contentType: "application/json; charset=utf-8", document };
}

export function problem(code: ProblemCode, detail: string): Answer {
  const document = problemDocument(code, detail);
  return { status: document.status, contentType: problemMediaType, document };
}

export function problemAnswer(document: ProblemDocument): Answer {
  return { status: document.status, contentType: problemMediaType, document };
}

export function send(response: ServerResponse, { status, contentType, document, allow }: Answer): void {
  const body = `${JSON.stringify(document)}\n`;
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(allow === undefined ? {} : { Allow: allow }),
  });
  response.end(body);
}
