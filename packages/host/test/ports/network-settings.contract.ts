/** The part of the watch's contract that is about sysctls of interfaces. */
import assert from "node:assert/strict";
import { factsUntil } from "./facts-until.ts";
import { contract, hasUplink, uplink } from "./uplink-world.ts";
import { linkNamed, type Step, type WorldFactory } from "./world.ts";

export function networkSettingsContract(create: WorldFactory): void {
  deadRouteContract(create);
  reversePathContract(create);
}

function deadRouteContract(create: WorldFactory): void {
  contract(
    "whose routes the kernel passes over without carrier is seen, by family and until told otherwise",
    create,
    async (world) => {
      world.perform(...uplink);
      const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
      for (const family of ["ipv4", "ipv6"] as const) {
        const skips = (on: boolean) => ({ kind: "skip-dead-routes", name: "wan0", family, on }) as const;
        world.perform(skips(true));
        await factsUntil(world.watch, ({ deadRoutes }) => deadRoutes[family].skippedOn.has(ifindex));
        world.perform(skips(false));
        await factsUntil(world.watch, ({ deadRoutes }) => !deadRoutes[family].skippedOn.has(ifindex));
      }
    },
  );

  contract(
    "a setting for every IPv4 interface is seen, also when events were lost, and goes with its interface",
    create,
    async (world) => {
      world.perform(...uplink, { kind: "skip-dead-routes", name: "wan0", family: "ipv4", on: true });
      world.performUnheard({ kind: "skip-dead-routes", name: "all", family: "ipv4", on: true });
      await factsUntil(
        world.watch,
        ({ deadRoutes }) => deadRoutes.ipv4.areSkippedEverywhere && deadRoutes.ipv4.skippedOn.size === 1,
      );
      assert.equal(
        linkNamed(world.watch.facts, "flood0"),
        undefined,
        "what had gone before events were lost stays gone",
      );
      world.perform(
        { kind: "skip-dead-routes", name: "all", family: "ipv4", on: false },
        { kind: "remove-link", name: "wan0" },
      );
      await factsUntil(
        world.watch,
        ({ deadRoutes }) => !deadRoutes.ipv4.areSkippedEverywhere && deadRoutes.ipv4.skippedOn.size === 0,
      );
    },
  );
}

function filter(name: string, value: "off" | "strict" | "loose"): Step {
  return { kind: "reverse-path-filter", name, filter: value };
}

function reversePathContract(create: WorldFactory): void {
  contract("of an interface's reverse-path filter and that of all, the larger is seen", create, async (world) => {
    // Whatever the machine's default is, the namespace starts with nothing filtered.
    world.perform(filter("all", "off"), ...uplink, filter("wan0", "off"));
    const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
    const becomes = (expected: "strict" | "loose" | undefined) =>
      factsUntil(world.watch, ({ reversePathFilters }) => reversePathFilters.get(ifindex) === expected);
    await becomes(undefined);
    world.perform(filter("wan0", "strict"));
    await becomes("strict");
    world.perform(filter("all", "loose"));
    await becomes("loose");
    world.perform(filter("wan0", "off"), filter("all", "strict"));
    await becomes("strict");
    world.perform(filter("wan0", "loose"));
    await becomes("loose");
    world.perform(filter("wan0", "off"), filter("all", "off"));
    await becomes(undefined);
  });

  contract(
    "a reverse-path filter on all interfaces holds for one that comes, is seen when events were lost, and goes with it",
    create,
    async (world) => {
      world.perform(...uplink, filter("wan0", "off"));
      const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
      world.performUnheard(filter("all", "strict"));
      await factsUntil(world.watch, ({ reversePathFilters }) => reversePathFilters.get(ifindex) === "strict");
      world.perform({ kind: "add-link", name: "wan1" });
      await factsUntil(world.watch, (facts) => {
        const added = linkNamed(facts, "wan1");
        return added !== undefined && facts.reversePathFilters.has(added.ifindex);
      });
      world.perform({ kind: "remove-link", name: "wan0" }, filter("all", "off"));
      await factsUntil(world.watch, (facts) => !facts.reversePathFilters.has(ifindex));
    },
  );
}
