/** resolv.conf of edge, where it is a mount point, while a program that has long run asks the C library for names. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { FollowOutcome } from "@ropewalk/backhaul/io/resolver-follower";
import type { RestoreOutcome } from "@ropewalk/backhaul/io/restore-outcome";
import type { ResolverPlan } from "@ropewalk/backhaul/pure/resolver-plan";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { createLab, type Lab } from "@ropewalk/lab/lab";

const following = fileURLToPath(new URL("./following-main.ts", import.meta.url));
const lookingUp = fileURLToPath(new URL("./looking-up-main.ts", import.meta.url));
const name = "target-1.lab.example";
const resolvers = { wan0: "192.0.2.53", wan1: "198.51.100.53" } as const;
type UplinkName = keyof typeof resolvers;

const using = (uplink: UplinkName): ResolverPlan => ({
  kind: "ask",
  links: [{ ifindex: 2, name: uplink, servers: [ipAddress(resolvers[uplink])], source: "lease" }],
  others: [],
});

/** A program in edge that answers each line with a line. */
function conversation(lab: Lab, program: string, ...args: readonly string[]) {
  const running = lab.host("edge").spawn(process.execPath, [...process.execArgv, program, ...args]);
  const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<string> => {
    running.stdin.write(`${line}\n`);
    const { value } = await lines.next();
    return String(value);
  };
  return { ask, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** Counts the questions to each resolver that come by each uplink, at its ISP. */
async function countQuestions(
  lab: Lab,
): Promise<() => Promise<Readonly<Record<UplinkName, Readonly<Record<UplinkName, number>>>>>> {
  const names = Object.keys(resolvers) as UplinkName[];
  const rules = names.map((of) => `ip daddr ${resolvers[of]} udp dport 53 counter comment "${of}"`).join("\n");
  const table = `table inet questions {\nchain seen {\ntype filter hook prerouting priority -400\n${rules}\n}\n}\n`;
  const isps = Object.fromEntries(names.map((uplink) => [uplink, lab.host(lab.uplink(uplink).isp)]));
  for (const isp of Object.values(isps)) await isp.exec("nft", ["--file", "-"], { input: table });
  const countOf = (listed: string, of: string) =>
    Number(new RegExp(`counter packets (\\d+) bytes \\d+ comment "${of}"`).exec(listed)?.[1]);
  return async () => {
    const by = await Promise.all(
      Object.entries(isps).map(async ([uplink, isp]) => {
        const { stdout } = await isp.exec("nft", ["list", "table", "inet", "questions"]);
        return [uplink, Object.fromEntries(names.map((of) => [of, countOf(stdout, of)]))] as const;
      }),
    );
    return Object.fromEntries(by) as Record<UplinkName, Record<UplinkName, number>>;
  };
}

const contentOf = async (lab: Lab) =>
  (await lab.host("edge").exec("sh", ["-c", "cat /etc/resolv.conf; stat --format %a:%u:%g /etc/resolv.conf"])).stdout;

test("a program that has long run asks the new uplink's resolver by the new uplink, and no other by any; then all is as it was", async () => {
  await using lab = await createLab({ uplinks: 2 });
  // The lab's names are in it too, and then nobody is asked.
  await lab.host("edge").exec("sh", ["-c", ": >/etc/hosts"]);
  const original = await contentOf(lab);
  const questions = await countQuestions(lab);
  await using follower = conversation(lab, following);
  await using client = conversation(lab, lookingUp);
  const follow = async (plan: ResolverPlan) =>
    (JSON.parse(await follower.ask(JSON.stringify(plan))) as { outcome: FollowOutcome }).outcome;
  assert.equal(await client.ask(name), "203.0.113.10");

  const outcome = await follow(using("wan0"));
  assert.ok(outcome.kind === "written" && outcome.manner.kind === "in-place");
  assert.match(outcome.manner.because, /EBUSY/);
  assert.equal(await client.ask(name), "203.0.113.10");
  const before = await questions();

  await follow(using("wan1"));
  await lab.host("edge").exec("ip", ["route", "delete", "default", "dev", "wan0"]);
  for (let count = 0; count < 5; count += 1) assert.equal(await client.ask(name), "203.0.113.10");
  const after = await questions();
  assert.deepEqual(after.wan0, before.wan0);
  assert.deepEqual([after.wan1.wan0, after.wan1.wan1 - before.wan1.wan1], [0, 5]);

  const { outcome: restored } = JSON.parse(await follower.ask("null")) as { outcome: readonly RestoreOutcome[] };
  assert.deepEqual(restored, [{ what: "/etc/resolv.conf", result: { kind: "restored" } }]);
  assert.equal(await contentOf(lab), original);
});

test("a run after one that was killed gives back what that one had changed", async () => {
  await using lab = await createLab({ uplinks: 1 });
  const original = await contentOf(lab);
  {
    await using killed = conversation(lab, following, "/run/node.db");
    await killed.ask(JSON.stringify(using("wan0")));
  }
  assert.notEqual(await contentOf(lab), original);
  await using next = conversation(lab, following, "/run/node.db");
  assert.match(await next.ask("null"), /"restored"/);
  assert.equal(await contentOf(lab), original);
});
