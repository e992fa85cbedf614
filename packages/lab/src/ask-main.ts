/**
 * Asks one question by HTTPS or HTTP and prints the answer, or why there is none, as a line of JSON. The question is the first line of its
 * input: no secret is in an argument list.
 */
import { readFileSync } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { createInterface } from "node:readline";

/** The question. */
export interface Question {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The file of the authority that the other end's certificate is of. */
  readonly authority?: string;
  readonly withinMs: number;
}

/** The answer: a status and what came with it, or neither. */
export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  readonly failed?: string;
  readonly tookMs: number;
}

createInterface({ input: process.stdin }).once("line", (line) => {
  const { url, method, headers, body, authority, withinMs } = JSON.parse(line) as Question;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const began = performance.now();
  const tell = (answer: Omit<Answer, "tookMs">) => {
    process.stdout.write(`${JSON.stringify({ ...answer, tookMs: performance.now() - began })}\n`);
    process.stdin.destroy();
  };
  const options = {
    ...{ method, agent: false, signal: AbortSignal.timeout(withinMs) },
    headers: { ...headers, ...(text === undefined ? {} : { "content-type": "application/json" }) },
    ...(authority === undefined ? {} : { ca: readFileSync(authority) }),
  };
  const asked = (url.startsWith("https:") ? secureRequest : plainRequest)(url, options, (response) => {
    let came = "";
    response.setEncoding("utf8").on("data", (more: string) => {
      came += more;
    });
    const done = () => tell({ status: response.statusCode ?? 0, body: came === "" ? undefined : JSON.parse(came) });
    response.once("end", done);
  });
  asked.once("error", (error: NodeJS.ErrnoException) => tell({ failed: error.code ?? error.message }));
  asked.end(text);
});
