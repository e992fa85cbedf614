/** How connections end, through the tunnel as without it: the same scripts over both, and the kernel's own words at both ends. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endingCases, type Observed, observe } from "../faults/half-close/half-close-case.ts";
import { ScriptedEnd } from "../faults/scripted-end.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

type Between = (acting: () => Promise<void>) => Promise<void>;

const stack = new AsyncDisposableStack();
const bare: Observed[] = [];
let client: ScriptedEnd;
let target: ScriptedEnd;
/** Its lanes change only when they are made to. */
let still: TunnelPair;
/** Its lanes change all the time. */
let refreshing: TunnelPair;

before(async () => {
  client = stack.use(new ScriptedEnd());
  target = stack.use(new ScriptedEnd());
  const port = await target.listen();
  for (const ending of endingCases) bare.push(await observe(ending, { client, target }, `connect 127.0.0.1 ${port}`));
  still = stack.use(await TunnelPair.start({ targets: { end: port }, tunnel: { refresh: '"0s"' } }));
  refreshing = stack.use(await TunnelPair.start({ targets: { end: port }, tunnel: { refresh: '"200ms"' } }));
});
after(() => stack.disposeAsync());

/** The end comes while the link stands still, and is lost with the lane. */
const cut: Between = async (acting) => {
  still.proxy.tell({ kind: "act", act: { kind: "stall", ms: 300 } });
  await acting();
  await still.proxy.act({ kind: "reset" });
};

const refresh: Between = async (acting) => {
  const lane = () => refreshing.proxy.next("came", ({ of }) => of === "lane");
  await lane();
  await acting();
  await lane();
};

const meanwhile: readonly (readonly [string, () => TunnelPair, Between])[] = [
  ["an undisturbed tunnel", () => still, (acting) => acting()],
  ["a tunnel that is cut meanwhile", () => still, cut],
  ["a tunnel whose lane is replaced meanwhile", () => refreshing, refresh],
];

for (const [name, pairOf, between] of meanwhile) {
  for (const [index, ending] of endingCases.entries()) {
    const { act, actor, when } = ending;
    const what = act === "finish" ? "FIN" : "RST";
    test(`${what} of the ${actor} ${when} the other's data is through ${name} what it is without`, async () => {
      const through = await observe(ending, { client, target }, `connect 127.0.0.1 ${pairOf().port("end")}`, between);
      assert.deepEqual(through, bare[index], pairOf().logs);
    });
  }
}
