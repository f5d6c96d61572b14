import type { SecurityGroup } from "@aws-sdk/client-ec2";
import type { Live, LiveKind } from "../aws/live.ts";
import { keyTag, tagOf } from "../aws/tags.ts";
import type { Config } from "../config.ts";
import { UserError } from "../errors.ts";
import { sshRule } from "../steps/launch.ts";
import { type Topology, topologyFrom } from "../topology.ts";

/**
 * The topology that a stack was made by, as far as what stands of it tells: VPCs and blocks, peerings, and which VPC is
 * connected to. What the command line says of VPCs and peerings counts instead. Throws UserError where no VPC is left.
 */
export async function liveTopology(live: Live, config: Config): Promise<Topology> {
  const named = async <Kind extends LiveKind>(kind: Kind) =>
    new Map((await live.rows(kind)).map((row) => [tagOf(row, keyTag)?.split("/")[1] ?? "", row]));
  const [vpcs, subnets, peerings, groups, addresses] = await Promise.all([
    named("vpc"),
    named("subnet"),
    named("peering"),
    named("security-group"),
    named("address"),
  ]);
  vpcs.delete("");
  if (vpcs.size === 0) {
    throw new UserError(
      `no VPC is left of the stack "${config.name}", so there is nothing to go on with`,
      `remove the rest: peerctl down --name ${config.name}`,
    );
  }
  const names = [...vpcs.keys()].sort();
  const topology = topologyFrom({
    cidrs: config.given.cidrs ? config.cidrs : names.map((name) => `${name}=${vpcs.get(name)!.CidrBlock}`),
    // None stands: none was made yet, and all are wanted, as is the default.
    peerings: config.given.peerings ? config.peerings : [...peerings.keys()],
  });
  const connecting = names.filter((name) => addresses.has(name) || liveSshCidr(groups.get(name)));
  return {
    ...topology,
    vpcs: topology.vpcs.map((vpc) => ({
      ...vpc,
      subnetCidr: subnets.get(vpc.name)?.CidrBlock ?? vpc.subnetCidr,
      connects: connecting.length > 0 ? connecting.includes(vpc.name) : vpc.connects,
    })),
  };
}

/** The block that port 22 of the group was opened to by peerctl, if it was. */
export function liveSshCidr(group: SecurityGroup | undefined): string | undefined {
  return group?.IpPermissions?.filter(({ IpProtocol, FromPort }) => {
    return IpProtocol === sshRule.protocol && FromPort === sshRule.fromPort;
  })
    .flatMap(({ IpRanges }) => IpRanges ?? [])
    .find(({ Description }) => Description === sshRule.description)?.CidrIp;
}
