/** Every route of entry, in the order in which they are described. */

import type { Route } from "./route.ts";
import { type AdminRouteDeps, adminRoutes } from "./routes/admin-routes.ts";
import { type CustomerRouteDeps, customerRoutes } from "./routes/customer-routes.ts";
import { type FleetRouteDeps, fleetRoutes } from "./routes/fleet-routes.ts";
import { type OperationRouteDeps, operationRoutes } from "./routes/operation-routes.ts";

export type RouteDeps = AdminRouteDeps & CustomerRouteDeps & FleetRouteDeps & OperationRouteDeps;

export function allRoutes(deps: RouteDeps): readonly Route[] {
  return [...customerRoutes(deps), ...adminRoutes(deps), ...fleetRoutes(deps), ...operationRoutes(deps)];
}
