/** Within any event the owner may do anything; nothing is told from inside a call of the owner's, nor after the last event. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Recorder } from "./recorder.ts";
import { TcpWorld } from "./tcp-world.ts";

const large = new Uint8Array(12 * 2 ** 20);

for (const where of ["room", "octets", "end", "writable", "closed"] as const) {
  for (const act of ["dispose", "reset", "finish", "release"] as const) {
    test(`${act} from inside ${where}`, async () => {
      await using world = new TcpWorld();
      const { near, peer } = await world.accepted();
      const heard = new Recorder();
      let isActing = false;
      let isDone = false;
      heard.also = (event) => {
        assert.equal(isActing, false, `${event} was told from inside a call`);
        if (event !== where || isDone) return;
        isDone = true;
        isActing = true;
        if (act === "dispose") near[Symbol.dispose]();
        else if (act === "reset" || where === "closed") near.reset();
        else if (act === "finish") near.finish();
        else release();
        isActing = false;
        told = heard.told.length;
      };
      let told = 0;
      const release = () => {
        // With a write pending it is refused, and the connection goes on.
        try {
          world.own(world.tcp.adopt(near.release()));
        } catch (error) {
          assert.match(String(error), /pending/);
          near[Symbol.dispose]();
        }
      };
      near.start(heard);
      near.write([large]);
      if (where === "closed") near.finish();
      peer.resume().end("some octets");
      await heard.until(() => isDone);
      if (act === "finish") await heard.until(() => heard.told.includes("end"));
      else for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      const after = heard.told.slice(told);
      if (act === "release") assert.ok(after.length === 0 || heard.isClosed);
      else if (act !== "finish" && where !== "closed") assert.deepEqual(after, ["closed ended"]);
      if (act === "finish") await heard.closed();
    });
  }
}

test("one connection may dispose of another that is just as ready", async () => {
  await using world = new TcpWorld();
  const pairs = [await world.accepted(), await world.accepted(), await world.accepted()];
  const heard = pairs.map(() => new Recorder());
  heard.forEach((recorder, index) => {
    recorder.also = (event) => {
      if (event !== "octets") return;
      for (const [other, { near }] of pairs.entries()) if (other !== index) near[Symbol.dispose]();
    };
  });
  await Promise.all(pairs.map(({ peer }) => new Promise((resolve) => peer.write("now", resolve))));
  for (const [index, { near }] of pairs.entries()) near.start(heard[index] as Recorder);
  await Promise.all(heard.map((recorder) => recorder.until(() => recorder.told.length > 0)));
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  const told = heard.map((recorder) => recorder.told.join()).sort();
  assert.deepEqual(told, ["closed ended", "closed ended", "octets"]);
});

test("an owner that writes as it reads is written to in order", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder(1_000);
  let echoed = 0;
  heard.also = (event) => {
    if (event !== "octets") return;
    const { received } = heard;
    near.write([received.subarray(echoed)]);
    echoed = received.length;
  };
  near.start(heard);
  const sent = "0123456789".repeat(2_000);
  let returned = "";
  peer.on("data", (chunk) => {
    returned += chunk;
  });
  peer.resume().write(sent);
  while (returned.length < sent.length) await once(peer, "data");
  assert.equal(returned, sent);
});

test("promises and ticks have their turn before the next event", async () => {
  await using world = new TcpWorld();
  const { near, peer } = await world.accepted();
  const heard = new Recorder(10);
  const order: string[] = [];
  heard.also = (event) => {
    if (event !== "octets") return;
    order.push("event");
    process.nextTick(() => order.push("tick"));
    void Promise.resolve().then(() => order.push("promise"));
  };
  await new Promise((resolve) => peer.write("x".repeat(30), resolve));
  near.start(heard);
  await heard.until(() => heard.received.length === 30);
  await new Promise(setImmediate);
  assert.deepEqual(order, ["event", "tick", "promise", "event", "tick", "promise", "event", "tick", "promise"]);
});

test("a throw in an event, and exit from inside one, are what they are everywhere", () => {
  for (const [how, expected] of [
    ["throw", { status: 0, stdout: "uncaught: from inside an event\nand on it goes\n" }],
    ["exit", { status: 7, stdout: "" }],
  ] as const) {
    const main = fileURLToPath(new URL("tcp-throw-main.ts", import.meta.url));
    const options = { encoding: "utf8", timeout: 30_000, killSignal: "SIGKILL" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, main, how], options);
    assert.deepEqual({ status, stdout }, expected, stderr);
  }
});
