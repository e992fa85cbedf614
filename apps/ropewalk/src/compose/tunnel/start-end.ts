/** Makes the real ends of a tunnel. */
import { InternalError } from "@ropewalk/kernel/errors";
import { TunnelDestination } from "@ropewalk/tunnel/destination";
import { TunnelSource } from "@ropewalk/tunnel/source";
import type { StartEnd } from "./running-end.ts";

export const startTunnelEnd: StartEnd = async (role, config, deps) => {
  const { source, destination } = config;
  if (role === "source" && source !== undefined) {
    return await TunnelSource.start({ ...config, source }, deps);
  }
  if (role === "destination" && destination !== undefined) {
    return await TunnelDestination.start({ ...config, destination }, deps);
  }
  throw new InternalError(`there is no [tunnel.${role}], and that was checked before`);
};
