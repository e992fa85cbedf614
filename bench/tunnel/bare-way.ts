/** No tunnel at all: what the path itself gives. */
import { bareColumn, type TunnelEntrant } from "./entrant.ts";
import { services } from "./ground.ts";

export const bareWay: TunnelEntrant = {
  column: bareColumn,
  notes: [],
  start: async ({ ground }) => ({
    way: (service) => ({ to: ground.address, port: services[service] }),
    pids: [],
    failure: () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }),
};
