/** A purge that takes its time on a real kernel: whoever asks for anything of the wheel meanwhile is refused, and the purge ends well. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ApiError } from "@ropewalk/api/errors";
import type { SteeringVerb } from "@ropewalk/api/steering";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { atTheWheel, eventually } from "./at-the-wheel.ts";
import { NodeInLab, soon } from "./node-in-lab.ts";

interface HeldNft {
  readonly isAsked: () => boolean;
  /** Lets it go on, and whoever asks next find it as it was. */
  readonly release: () => Promise<void>;
}

/** From now on the machine's nft says that it was asked, and waits for leave before it does anything. */
async function holdNft({ edge, folder }: NodeInLab): Promise<HeldNft> {
  const asked = join(folder, "asked");
  const gate = join(folder, "gate");
  const real = join(folder, "nft-real");
  const held = join(folder, "nft-held");
  const shell = (script: string) => edge.exec("sh", ["-c", script]);
  writeFileSync(held, `#!/bin/sh\n: > ${asked}\nread -r leave < ${gate}\nexec ${real} "$@"\n`, { mode: 0o755 });
  await shell(`mkfifo ${gate}; nft=$(command -v nft); cp "$nft" ${real}; mount --bind ${held} "$nft"`);
  return {
    isAsked: () => existsSync(asked),
    release: async () => {
      await shell(`umount --lazy "$(command -v nft)"`);
      await writeFile(gate, "go\n");
    },
  };
}

test("while one purge is under way another is refused, and so is whoever would take or confirm", async () => {
  await using place = await NodeInLab.openMeasuring(2, "");
  const untouched = await snapshot(place.edge);
  await using node = await place.startNode({ env: atTheWheel });
  const client = place.client();
  await node.until("nothing is left to do", async () => {
    const { uplinks, steering } = (await client.status(soon())).backhaul;
    return uplinks.length === 2 && steering.unmet.length === 0 && (await client.plan(soon())).steps.length === 0;
  });
  const nft = await holdNft(place);
  const refusalOf = (verb: SteeringVerb) =>
    client.steer(verb, soon()).then(
      () => assert.fail(`${verb} was not refused`),
      (error: unknown) => (error instanceof ApiError ? `${error.code}: ${error.message}` : assert.fail(String(error))),
    );

  const purging = client.steer("purge", soon());
  await eventually("the purge waits for nft", async () => nft.isAsked());
  assert.match(await refusalOf("purge"), /^API_REFUSED: .*everything is being given back already/);
  assert.match(await refusalOf("take"), /^API_REFUSED: .*everything is being given back/);
  assert.match(await refusalOf("confirm"), /^API_REFUSED: .*nothing waits for a confirmation/);
  assert.equal((await client.status(soon())).backhaul.steering.standing, "steering", "it is not over yet");

  await nft.release();
  assert.equal((await purging).standing, "waiting");
  assert.equal(await snapshot(place.edge), untouched);
});
