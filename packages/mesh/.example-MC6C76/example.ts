import { mkdtempSync, rmSync } from "node:fs";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { meshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import { MeshService } from "@ropewalk/mesh/service";

const folder = mkdtempSync("/tmp/mesh-");
const clock = createSystemClock();
const deps = (name: string) => {
  const sequences = SequenceFile.open(`${folder}/${name}`, clock.wall());
  const key = generateSigningKey("ed25519");
  return { key, sequences, clock, chance: Math.random, store: `${folder}/${name}.messages` };
};
const table = { transport: { listen: ["127.0.0.1:0"] }, discovery: { enabled: false } };

await using one = await MeshService.start(meshConfig(table), deps("one"));
const at = `127.0.0.1:${one.listening[0]?.port}`;
await using other = await MeshService.start(meshConfig({ ...table, peer: [{ at }] }), deps("other"));
const outcome = await other.ping(one.address);
if (outcome.kind !== "answered") throw new Error(`no answer: ${outcome.why}`);
console.log(`${one.address} answered after ${outcome.roundTrip} ms`);

const content = new TextEncoder().encode("hello");
const sent = await other.messages?.send({ to: one.address, port: 0, priority: 1, life: seconds(3_600), content });
if (sent?.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(sent)}`);
await other.messages?.delivery(sent.id, seconds(10));
const inbox = await one.messages?.inbox(0, 10);
if (inbox?.kind !== "read") throw new Error("the inbox cannot be read");
for (const { number, sender, content: said } of inbox.value) {
  console.log(`${sender} says ${new TextDecoder().decode(said)}`);
  await one.messages?.take(number);
}
rmSync(folder, { recursive: true });
