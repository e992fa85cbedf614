/** What whoever changes and reads nftables promises, in a namespace that has nothing but what these tests make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Nft } from "@ropewalk/host/nft";
import fc from "fast-check";

const table =
  "table inet here {\n  counter seen { packets 3 bytes 4 }\n  set some { type ipv4_addr; flags timeout; }\n}\n";
const remove = "table inet here\ndelete table inet here\n";

/** Each JSON object that is listed, by its kind. */
async function listed(nft: Nft, command: string): Promise<readonly Record<string, unknown>[]> {
  const listing = await nft.list(command);
  assert.equal(listing.kind, "listed", JSON.stringify(listing).slice(0, 300));
  return listing.kind === "listed" ? JSON.parse(listing.json).nftables : [];
}

export function nftContract(name: string, create: () => Nft): void {
  const contract = (promise: string, work: (nft: Nft) => Promise<void>) =>
    test(`${name}: ${promise}`, async () => {
      using nft = create();
      try {
        await work(nft);
      } finally {
        await nft.run(remove);
      }
    });

  contract("what a script makes is there and is listed as JSON", async (nft) => {
    assert.deepEqual(await nft.run(table), { kind: "done" });
    const counters = (await listed(nft, "list counters table inet here")).flatMap((object) => object["counter"] ?? []);
    assert.deepEqual(
      counters.map((counter) => ({ ...counter, handle: 0 })),
      [{ family: "inet", name: "seen", table: "here", handle: 0, packets: 3, bytes: 4 }],
    );
  });

  contract("counters are told by their names, of the one table that is asked for", async (nft) => {
    await nft.run(`${table}add counter inet here more { packets 5 bytes 18446744073709 }\n`);
    await nft.run("table inet there {\n  counter other { }\n}\n");
    try {
      assert.deepEqual(Object.fromEntries(nft.counts("here")), {
        ...{ seen: { packets: 3, octets: 4 }, more: { packets: 5, octets: 18_446_744_073_709 } },
      });
      assert.deepEqual([nft.counts("there").size, nft.counts("nowhere").size], [1, 0]);
    } finally {
      await nft.run("delete table inet there\n");
    }
  });

  contract("a chain is there when it was made, in its own table", async (nft) => {
    await nft.run(`${table}add chain inet here some\n`);
    assert.deepEqual(
      [nft.hasChain("here", "some"), nft.hasChain("here", "other"), nft.hasChain("nowhere", "some")],
      [...[true, false, false]],
    );
  });

  contract("an empty script is done", async (nft) => {
    assert.deepEqual(await nft.run(""), { kind: "done" });
  });

  contract("of a script with one command that cannot be done, none is", async (nft) => {
    await nft.run(table);
    const outcome = await nft.run("add counter inet here more\nadd element inet here none { 192.0.2.1 }\n");
    assert.ok(outcome.kind === "refused" && /No such file/.test(outcome.detail), JSON.stringify(outcome));
    assert.equal((await listed(nft, "list counters table inet here")).length, 2, "the preamble and one counter");
  });

  contract("what is no command is refused, in words that are short", async (nft) => {
    const outcome = await nft.run(`x${" { } }".repeat(10_000)}`);
    assert.ok(outcome.kind === "refused" && /syntax error/.test(outcome.detail), JSON.stringify(outcome).slice(0, 300));
    assert.ok(outcome.detail.length <= 2_000);
  });

  contract("what is not there is refused to be listed, and the next command is answered as ever", async (nft) => {
    const listing = await nft.list("list table inet nowhere");
    assert.ok(listing.kind === "refused" && /No such file/.test(listing.detail), JSON.stringify(listing));
    assert.deepEqual(await nft.run(table), { kind: "done" });
    assert.equal((await nft.list("list table inet here")).kind, "listed");
  });

  contract("ten thousand elements are made in one transaction, and listed", async (nft) => {
    await nft.run(table);
    const elements = Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1 timeout 1h`);
    assert.deepEqual(await nft.run(`add element inet here some { ${elements.join(", ")} }\n`), { kind: "done" });
    const sets = (await listed(nft, "list set inet here some")).flatMap(({ set }) => set ?? []);
    assert.equal((sets[0] as { elem: unknown[] }).elem.length, 10_000);
  });

  contract("commands that come at once are all done", async (nft) => {
    await nft.run(table);
    const names = Array.from({ length: 8 }, (_, index) => `c${index}`);
    const outcomes = await Promise.all(names.map((each) => nft.run(`add counter inet here ${each}\n`)));
    assert.ok(outcomes.every(({ kind }) => kind === "done"));
    assert.equal((await listed(nft, "list counters table inet here")).length, names.length + 2);
  });

  contract("whatever is said to it is answered", async (nft) => {
    const word = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("add", "inet", "{", "}", "0", "\0", "\n", '"', ";"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 12 }), async (words) => {
        // Nothing that reads a file or changes another table.
        const script = `list table inet nowhere ; ${words.join(" ").replaceAll("include", "")}`;
        assert.equal((await nft.run(script)).kind, "refused");
      }),
      { numRuns: 40 },
    );
  });
}
