/** A program for tests: deletes the flows of an uplink, `MARK ADDRESS…`, in the network that it runs in, and prints how many. */
import { isFlowOf } from "@ropewalk/host/flow-of-uplink";
import { createNative } from "@ropewalk/host/linux/native";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";
import { families, ipAddress } from "@ropewalk/kernel/addresses";

const [mark, ...addresses] = process.argv.slice(2);
const uplink = { mark: Number(mark), addresses: new Set(addresses.map(ipAddress)) };
const owners = families.map((family) => isFlowOf({ family, ...uplink }));
const outcomes = deleteFlows(createNative(), owners);
process.stdout.write(String(outcomes.reduce((sum, { removed }) => sum + removed, 0)));
