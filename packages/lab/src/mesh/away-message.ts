/** The demo's last part: a message to who is away, which is kept by who is there, outlives a kill, and arrives once. */
import { millis } from "@ropewalk/kernel/units";
import type { Patience } from "../demo/patience.ts";
import type { MeshMember } from "./mesh-member.ts";
import type { AwayMessage } from "./pure/mesh-report.ts";

export interface AwayStage {
  readonly client: MeshMember;
  readonly edge: MeshMember;
  readonly target: MeshMember;
  readonly to: string;
  readonly patience: Patience;
  readonly say: (line: string) => void;
}

const text = "The bridge is closed.";

/** Leaves all three running. */
export async function sendToAway({ client, edge, target, to, patience, say }: AwayStage): Promise<AwayMessage> {
  const wrong: string[] = [];
  const until = async (what: string, isSo: () => Promise<boolean>) => {
    if (!(await becomes(patience, isSo))) wrong.push(`in vain for this: ${what}`);
  };
  await target.kill();
  await until("client knows of no way", async () => !(await client.isAnswered(to)));
  say(`\n${await client.command("send", to, text)}`);
  await until("edge keeps it", async () => (await edge.kept()) > 0);
  say(await client.command("outbox"));
  say(
    "\n   edge has a copy of what it cannot read. It is killed with -9 and started again; then target-1 is started:\n",
  );
  await edge.kill();
  await edge.start();
  await until("edge has it still", async () => (await edge.kept()) > 0);
  const started = performance.now();
  await target.start();
  await until("it arrives", async () => (await target.inboxSize()) > 0);
  const arrivedAfterMs = Math.round(performance.now() - started);
  const inbox = await target.command("inbox", "--take");
  say(inbox);
  if (inbox.split(text).length !== 2) wrong.push("it did not arrive just once");
  await until("client has the proof", async () => (await client.command("outbox")) === "Nothing is on its way.");
  if ((await target.inboxSize()) > 0) wrong.push("it arrived twice");
  return { arrivedAfterMs, wrong };
}

/** False when it is not so within the patience. */
async function becomes(patience: Patience, isSo: () => Promise<boolean>): Promise<boolean> {
  const look = { isSo: false, isOver: false };
  const looking = (async () => {
    while (!look.isSo && !look.isOver) {
      look.isSo = await isSo();
      if (!look.isSo) await patience.rest(millis(50)).catch(() => {});
    }
  })();
  try {
    return await patience.until(() => look.isSo);
  } finally {
    look.isOver = true;
    await looking;
  }
}
