import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Snapshot } from "../../../net/types.ts";
import { changes, nothing } from "./changes.ts";
import { enterNamespace } from "./enter.ts";
import { type Holder, HolderError } from "./holder.ts";
import { openInside } from "./inside.ts";
import { numbers } from "./numbers.ts";
import { cards, type GuestFacts, planOf } from "./plan.ts";
import { openSockets } from "./sockets.ts";
import { atTerminal } from "./terminal.ts";
import { traceTable } from "./trace.ts";

/** Without these there is no use in beginning; what is missing is told by its name. */
const programs = "ip nft nsenter setpriv ping setcap mount hostname env bash script stty tty grep cut sleep";

const [block, own, far] = ["10.1.0.0/24", "10.1.0.4", "198.51.100.9"];
const [vpc, subnet] = ["vpc-trial", "subnet-trial"];
const all = { protocol: "-1", peer: { kind: "cidr", cidr: "0.0.0.0/0" } } as const;
const anything = { number: 100, action: "allow", protocol: "-1", cidr: "0.0.0.0/0" } as const;

/** A VPC with a way out and one instance with a public address. */
const network: Snapshot = {
  vpcs: [{ id: vpc, account: "1", region: "trial", cidrs: [block], internetGatewayBlock: "off" }],
  subnets: [{ id: subnet, vpc, cidrs: [block], zone: "trial" }],
  routeTables: [
    {
      ...{ id: "rtb-trial", vpc, main: true, subnets: [] },
      routes: [
        { destination: block, target: { kind: "local", id: "local" }, state: "active" },
        { destination: "0.0.0.0/0", target: { kind: "internet-gateway", id: "igw-trial" }, state: "active" },
      ],
    },
  ],
  internetGateways: [{ id: "igw-trial", vpc }],
  peerings: [],
  securityGroups: [{ id: "sg-trial", vpc, ingress: [], egress: [all] }],
  networkAcls: [
    {
      ...{ id: "acl-trial", vpc, subnets: [subnet] },
      entries: [
        { ...anything, direction: "ingress" },
        { ...anything, direction: "egress" },
      ],
    },
  ],
  interfaces: [
    {
      ...{ id: "eni-trial", vpc, subnet, instance: "i-trial", status: "in-use", sourceDestCheck: true },
      addresses: [{ private: own, public: "203.0.113.1" }],
      groups: ["sg-trial"],
    },
  ],
  instances: [{ id: "i-trial", state: "running" }],
  prefixLists: [],
};
const instance: GuestFacts = {
  id: "i-trial",
  boot: "1",
  hostname: "trial.internal",
  links: [
    {
      ...{ id: "eni-trial", name: "ens5", mac: "02:00:00:00:00:01", addresses: [own] },
      ...{ prefixLength: 24, router: "10.1.0.1" },
    },
  ],
};

/**
 * Does once all that the plane does, small: a network with one instance, what counts for a trace, port 22, the inside, and a
 * session at a terminal in which a ping goes through groups, router, gateway and back. Rejects with what did not work.
 */
export async function tryPlane(holder: Holder): Promise<void> {
  await holder.run(
    `for each in ${programs}; do command -v $each >/dev/null || { echo "$each is not installed"; exit 1; }; done`,
  );
  const numberOf = numbers();
  const plan = planOf(network, [instance], numberOf);
  const here = { id: "eni-trial", n: numberOf("eni-trial"), address: own };
  const there = { ...here, address: far };
  await holder.run(changes(nothing, plan));
  await holder.run(
    `nsenter --net=/run/netns/${cards} nft -f - <<'NFT'\n${traceTable("peerctl_trial", [here, there])}NFT`,
  );
  await Promise.all([listen(holder), ping(holder)]);
}

async function listen(holder: Holder): Promise<void> {
  const sockets = openSockets((command) => enterNamespace(holder, instance.id, command));
  try {
    (await sockets.listen(22)).close();
  } finally {
    await sockets.close();
  }
}

async function ping(holder: Holder): Promise<void> {
  const enter = await openInside(holder, instance);
  const command = ["bash", "-c", `hostname; ping -c 1 -W 2 ${far}`];
  const [program, ...args] = enter(atTerminal(command, { rows: 24, cols: 80 }));
  const done = promisify(execFile)(program, args);
  const printed = await done.catch((error: { stdout?: string; stderr?: string }) => ({
    stdout: `${error.stdout ?? ""}${error.stderr ?? ""}`,
  }));
  const missing = [/^\/dev\/pts\//m, /^trial\.internal\r?$/m, / 1 received/].find(
    (each) => !each.test(printed.stdout),
  );
  if (missing)
    throw new HolderError(`a session in an instance failed: ${printed.stdout.trim().split("\n").at(-1)}`);
}
