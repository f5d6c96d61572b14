import { expect, test } from "vitest";
import { reach } from "../../src/net/reach.ts";
import type { Probe, Snapshot } from "../../src/net/types.ts";
import { remediesFor } from "../../src/report/remedy/remedy.ts";
import { entry, find, ping12, sample, ssh1, unroute } from "../net/sample.ts";

const ping6: Probe = {
  ...ping12,
  from: { kind: "interface", id: "eni-1", address: "2600:1f18:1::4" },
  to: { kind: "interface", id: "eni-2", address: "2600:1f18:2::4" },
};

/** Both VPCs with IPv6, and nothing said of IPv6 in routes and groups. */
function withIpv6(snapshot: Snapshot): void {
  for (const n of ["1", "2"]) {
    find(snapshot.vpcs, `vpc-${n}`).cidrs.push(`2600:1f18:${n}::/56`);
    find(snapshot.subnets, `subnet-${n}`).cidrs.push(`2600:1f18:${n}::/64`);
    find(snapshot.interfaces, `eni-${n}`).addresses.push({ private: `2600:1f18:${n}::4` });
    find(snapshot.networkAcls, `acl-${n}`).entries.push(
      entry(101, "ingress", "allow", { cidr: "::/0" }),
      entry(101, "egress", "allow", { cidr: "::/0" }),
    );
  }
}

function linesFor(probe: Probe, change: (snapshot: Snapshot) => void, awsFlags = ""): string[] {
  const snapshot = sample();
  change(snapshot);
  const around = {
    snapshot,
    verdict: reach(snapshot, probe),
    keyOf: () => undefined,
    topology: undefined,
    anybody: false,
    peerctl: "peerctl",
    awsFlags,
  };
  return remediesFor(around).map(({ command, note }) => command ?? `to do: ${note}`);
}

const peers = "peering/vpc-1~vpc-2";

test.for<[string, Probe, (snapshot: Snapshot) => void, string[]]>([
  [
    "IPv6: routes, and rules of security groups",
    ping6,
    (snapshot) => withIpv6(snapshot),
    [
      "aws ec2 create-route --route-table-id rtb-1 --destination-ipv6-cidr-block 2600:1f18:2::/56 --vpc-peering-connection-id pcx-12",
      "aws ec2 create-route --route-table-id rtb-2 --destination-ipv6-cidr-block 2600:1f18:1::/56 --vpc-peering-connection-id pcx-12",
      "aws ec2 authorize-security-group-egress --group-id sg-1 --ip-permissions 'IpProtocol=icmpv6,FromPort=128,ToPort=-1,Ipv6Ranges=[{CidrIpv6=2600:1f18:2::4/128}]'",
      "aws ec2 authorize-security-group-ingress --group-id sg-2 --ip-permissions 'IpProtocol=icmpv6,FromPort=128,ToPort=-1,Ipv6Ranges=[{CidrIpv6=2600:1f18:1::4/128}]'",
    ],
  ],
  [
    "IPv6: a network ACL in the way",
    { ...ping6, protocol: "tcp", port: 80 },
    (snapshot) => {
      withIpv6(snapshot);
      for (const n of ["1", "2"]) {
        const group = find(snapshot.securityGroups, `sg-${n}`);
        for (const rules of [group.ingress, group.egress])
          rules.push({ protocol: "-1", peer: { kind: "cidr", cidr: "::/0" } });
        const cidr = `2600:1f18:${n === "1" ? 2 : 1}::/56`;
        const target = { kind: "peering", id: "pcx-12" } as const;
        find(snapshot.routeTables, `rtb-${n}`).routes.push({ destination: cidr, target, state: "active" });
      }
      find(snapshot.networkAcls, "acl-2").entries.push(entry(5, "egress", "deny", { cidr: "::/0" }));
    },
    [
      "aws ec2 create-network-acl-entry --network-acl-id acl-2 --egress --rule-number 4 --rule-action allow --ipv6-cidr-block 2600:1f18:1::4/128 --protocol 6 --port-range From=1024,To=65535",
    ],
  ],
  [
    "IPv6: an end without an address of that family",
    { ...ping6, to: { kind: "interface", id: "eni-2" } },
    (snapshot) => {
      withIpv6(snapshot);
      find(snapshot.interfaces, "eni-2").addresses.pop();
    },
    ["aws ec2 assign-ipv6-addresses --network-interface-id eni-2 --ipv6-address-count 1"],
  ],
  [
    "an interface that is attached to nothing",
    ping12,
    (snapshot) => {
      const eni = find(snapshot.interfaces, "eni-2");
      delete eni.instance;
      eni.status = "available";
    },
    ["to do: Attach eni-2 to an instance: aws ec2 attach-network-interface."],
  ],
  [
    "a route to what nobody looks into, though there is a peering",
    ping12,
    (snapshot) => {
      unroute(snapshot, 1, "10.2.0.0/16");
      const target = { kind: "other", id: "tgw-1" } as const;
      find(snapshot.routeTables, "rtb-1").routes.push({ destination: "10.0.0.0/8", target, state: "active" });
    },
    [
      "aws ec2 replace-route --route-table-id rtb-1 --destination-cidr-block 10.0.0.0/8 --vpc-peering-connection-id pcx-12",
    ],
  ],
  [
    "an instance that is gone for good",
    ping12,
    (snapshot) => {
      find(snapshot.instances, "i-2").state = "terminated";
    },
    ["to do: An instance that was terminated does not come back: launch another."],
  ],
  [
    "a second private address that the internet does not know",
    { ...ssh1, to: { kind: "interface", id: "eni-1", address: "10.1.0.77" } },
    (snapshot) => {
      find(snapshot.interfaces, "eni-1").addresses.push({ private: "10.1.0.77" });
    },
    [
      'aws ec2 associate-address --network-interface-id eni-1 --private-ip-address 10.1.0.77 --allocation-id "$(aws ec2 allocate-address --domain vpc --query AllocationId --output text)"',
    ],
  ],
])("%s", ([, probe, change, lines]) => {
  expect(linesFor(probe, change)).toEqual(lines);
});

test("a peering to another account and Region is requested here, and accepted there", () => {
  const lines = linesFor(
    ping12,
    (snapshot) => {
      snapshot.peerings = [];
      Object.assign(find(snapshot.vpcs, "vpc-2"), { account: "210987654321", region: "eu-west-1" });
      for (const n of [1, 2]) unroute(snapshot, n, `10.${3 - n}.0.0/16`);
    },
    " --region us-east-1",
  );
  expect(lines[0]).toContain("--peer-owner-id 210987654321 --peer-region eu-west-1");
  expect(lines[0]).not.toContain("accept-vpc-peering-connection");
});

test("what the stack made is mended by its own step, and only that", () => {
  const snapshot = sample();
  find(snapshot.instances, "i-2").state = "stopped";
  find(snapshot.securityGroups, "sg-1").egress = [];
  const keys: Record<string, string> = {
    "i-2": "instance/vpc-2",
    "sg-1": "security-group/vpc-1",
    "pcx-12": peers,
  };
  const found = remediesFor({
    snapshot,
    verdict: reach(snapshot, ping12),
    keyOf: (id) => keys[id],
    topology: undefined,
    anybody: false,
    peerctl: "peerctl --lab",
    awsFlags: "",
  });
  expect(found.map(({ by, command, steps }) => [by, steps, command?.split(" --group")[0]])).toEqual([
    ["aws", undefined, "aws ec2 authorize-security-group-egress"],
    ["peerctl", ["launch"], "peerctl --lab launch"],
  ]);
});
