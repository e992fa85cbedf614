/** Ropewalk at the wheel of a machine that others use too: sixteen uplinks, a thousand rules of somebody's, and tables with his routes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { seconds } from "@ropewalk/kernel/units";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { NodeInLab, soon } from "./node-in-lab.ts";

const atTheWheel = { ROPEWALK_BACKHAUL_MONITOR_ONLY: "false", ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s" };
const families = ["-4", "-6"] as const;
const targets = { "-4": "203.0.113.10", "-6": "2001:db8:80:1::10" } as const;
/** Within those that Ropewalk takes from. */
const foreignTables = [100, 107, 200];
const rulesEach = 500;
/** Sixteen uplinks are much to measure for a machine that does other things too. */
const patience = seconds(40);

let place: NodeInLab;

before(async () => {
  place = await NodeInLab.openMeasuring(16, "");
  for (const family of families) await place.edge.exec("ip", [family, "-batch", "-"], { input: foreign(family) });
});
after(() => place?.[Symbol.asyncDispose]());

/** Rules around and among those of Ropewalk, that match nothing; routes that nobody asks for. */
function foreign(family: "-4" | "-6"): string {
  const source = (index: number) =>
    family === "-4" ? `10.${index >> 8}.${index & 255}.0/24` : `2001:db8:f:${index.toString(16)}::/64`;
  const rules = Array.from({ length: rulesEach }, (_, index) => {
    const priority = 900 + index * 70;
    return `rule add from ${source(index)} lookup ${1_000 + index} priority ${priority}`;
  });
  const routes = foreignTables.map((table) => `route add unreachable ${source(999)} table ${table}`);
  return `${[...rules, ...routes].join("\n")}\n`;
}

/** Everything in the kernel's routing that does not bear our protocol number. */
async function othersRouting(): Promise<string> {
  const texts = families.flatMap((family) => [
    ["-N", family, "rule", "show"],
    ["-N", family, "route", "show", "table", "all"],
  ]);
  const shown = await Promise.all(texts.map((words) => place.edge.tryExec("ip", words)));
  const lines = shown.flatMap(({ stdout }) => stdout.split("\n"));
  return lines.filter((line) => !/ proto(col)? 201\b/.test(line)).join("\n");
}

/** By which interface each family's traffic leaves. */
function ways(): Promise<readonly (string | undefined)[]> {
  return Promise.all(
    families.map(async (family) => {
      const { stdout } = await place.edge.tryExec("ip", [family, "route", "get", targets[family]]);
      return / dev (\S+)/.exec(stdout)?.[1];
    }),
  );
}

/** Those that were decided for, once nothing is left to do. */
async function decided(): Promise<readonly (string | null)[] | undefined> {
  const client = place.client();
  if ((await client.plan(soon())).steps.length > 0) return undefined;
  const { ipv4, ipv6 } = (await client.status(soon())).backhaul.decisions;
  return [ipv4.name, ipv6.name];
}

test("among sixteen uplinks and a thousand rules of others traffic goes where it should, and nothing of theirs is touched", async () => {
  const untouched = await snapshot(place.edge);
  const others = await othersRouting();
  assert.equal(others.match(/ lookup 1\d{3}\b/g)?.length, 2 * rulesEach);
  await using node = place.start(["node"], { env: atTheWheel });
  const isKept = async () => isDeepStrictEqual(await decided(), await ways());
  await node.until(
    "sixteen uplinks are known",
    async () => {
      const { health, backhaul } = await place.client().status(soon());
      return health.ready && backhaul.uplinks.length === 16;
    },
    patience,
  );
  await node.until("traffic goes as was decided", isKept, patience);
  for (let index = 0; index < 16; index += 1) {
    const { stdout } = await place.edge.exec("ip", ["route", "get", targets["-4"], "from", `198.18.${8 * index}.2`]);
    assert.match(stdout, new RegExp(` dev wan${index} `));
  }
  const used = await place.run(["uplink", "use", "wan9"]);
  assert.equal(used.status, 0, `${used.stderr} ${node.stderr.slice(-3000)}`);
  await node.until(
    "wan9 is used",
    async () => (await isKept()) && !(await ways()).some((way) => way !== "wan9"),
    patience,
  );
  await place.lab.cut("wan9");
  await node.until("another is used", async () => (await isKept()) && !(await ways()).includes("wan9"), patience);
  await place.lab.heal("wan9");
  assert.equal(await othersRouting(), others);
  const ours = (await place.edge.exec("ip", ["-N", "route", "show", "table", "all", "proto", "201"])).stdout;
  for (const table of foreignTables) assert.doesNotMatch(ours, new RegExp(` table ${table} `));
  const purged = await place.run(["uplink", "purge"]);
  assert.equal(purged.status, 0, purged.stderr);
  assert.equal(await snapshot(place.edge), untouched);
});
