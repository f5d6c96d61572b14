import { internalBlocks } from "../../../net/walk.ts";
import { callerAddress } from "../../connect-proxy.ts";
import { internet, type NamespacePlan, type Wire } from "./plan.ts";
import { quietRouter } from "./plan-cards.ts";
import { chain } from "./security-group-chains.ts";
import { fabricMac, type Site, type SiteVpc, setOf } from "./site.ts";

/** The MTU of the internet, and so of everything that leaves by a gateway. */
const mtu = 1500;
/**
 * Looked up last, and not first as by default: every address that is not the lab's is a host of the internet, and answers.
 * It must be the kernel's own table of local addresses: what is not in there, it does not send from.
 */
const anyHost = "table local";

const unrouted = internalBlocks.filter(({ family }) => family === 4).map(({ text }) => text);
/** The lab's own public addresses; those in use are routed before it comes to this. */
const labBlock = "203.0.113.0/24";

/**
 * Everything beyond the internet gateways in one namespace: the caller's address, the way to each public address of the
 * lab, and all other hosts. Addresses that the internet does not route are dropped, and so are the lab's vacant ones.
 */
export function internetPlan(site: Site): { plan: NamespacePlan; wires: Wire[] } {
  const open = [...site.vpcs.values()].filter((vpc) => vpc.gateway !== undefined);
  const plan: NamespacePlan = {
    kind: "network",
    sysctls: new Map([["ip_forward", "1"], ["ip_nonlocal_bind", "1"], ...quietRouter]),
    addresses: new Set([`${callerAddress}/32 dev lo`]),
    neighbours: new Map(),
    routes: new Map([
      ...open.flatMap((vpc) =>
        publicAddresses(vpc).map((address) => [`${address}/32`, `dev ${gatewayWire(site, vpc)}`] as const),
      ),
      [`default ${anyHost}`, "local dev lo"],
    ]),
    rules: new Set(["pref 100 lookup main", "pref 40000 lookup local"]),
    filter: new Map([
      chain("here", [
        "type filter hook input priority 0;",
        `ip daddr ${setOf([...unrouted, labBlock])} counter drop`,
      ]),
    ]),
    hidesHops: false,
  };
  const wires = open.map(
    (vpc): Wire => ({
      mtu,
      ends: [
        { namespace: internet, name: gatewayWire(site, vpc), mac: fabricMac, arp: false },
        { namespace: vpc.id, name: "igw", mac: fabricMac, arp: false },
      ],
    }),
  );
  return { plan, wires };
}

function gatewayWire({ numberOf }: Site, vpc: SiteVpc): string {
  return `w${numberOf(vpc.id)}`;
}

/** Of the interfaces to which VPC Block Public Access leaves the gateway open. */
function publicAddresses({ cards }: SiteVpc): string[] {
  return cards
    .filter((card) => !card.blocked)
    .flatMap((card) => card.addresses.flatMap((each) => each.public ?? []));
}
