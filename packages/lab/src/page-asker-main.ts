/**
 * Fetches a page again and again, each time by a connection of its own, and prints a line of JSON for each, when it is over. The first line of
 * its input holds the page's URL, the pause between two beginnings and the time that each has; it says "ready" and ends with its input.
 */
import { get } from "node:http";
import { createInterface } from "node:readline";
import type { PageWord } from "./vpn/pure/page-story.ts";

interface Setting {
  readonly url: string;
  readonly everyMs: number;
  readonly withinMs: number;
}

createInterface({ input: process.stdin })
  .once("line", (line) => {
    const setting = JSON.parse(line) as Setting;
    process.stdout.write("ready\n");
    ask(setting);
    setInterval(() => ask(setting), setting.everyMs);
  })
  .once("close", () => process.exit(0));

function ask({ url, withinMs }: Setting): void {
  const askedAt = Date.now();
  const tell = (word: Omit<PageWord, "askedAt" | "at">) =>
    void process.stdout.write(`${JSON.stringify({ askedAt, at: Date.now(), ...word })}\n`);
  const request = get(url, { agent: false, signal: AbortSignal.timeout(withinMs) }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    response.once("end", () => tell({ by: (JSON.parse(text) as { readonly you: string }).you }));
  });
  request.once("error", (error: NodeJS.ErrnoException) => tell({ failed: error.code ?? error.message }));
}
