import { cidr, overlaps } from "../../net/cidr.ts";
import { compareLife, isDead } from "../../net/peering-status.ts";
import type { Hop, Peering, Vpc } from "../../net/types.ts";
import { aws, awsLine, type Remedy, type Surroundings, step, you } from "./line.ts";
import { farVpc, interfaceAt, tableBefore, wantedPeering } from "./places.ts";

/** The shell variable that holds the id of a peering which a line makes, for the lines after it. */
export const peeringVariable = "pcx";

/** The peering between the two that is, or may become, active. */
export function peeringBetween({ snapshot }: Surroundings, a: string, b: string): Peering | undefined {
  const joins = ({ requester, accepter }: Peering) =>
    (requester.vpc === a && accepter.vpc === b) || (requester.vpc === b && accepter.vpc === a);
  return snapshot.peerings.filter((each) => joins(each) && !isDead(each)).sort(compareLife)[0];
}

/** For a peering on the way that is not active, or is not there. */
export function peeringRemedy(around: Surroundings, hop: Hop): Remedy {
  const here = tableBefore(around, hop)?.vpc;
  const far = here && farVpc(around, hop, here)?.id;
  const named = around.snapshot.peerings.find(({ id }) => id === hop.id);
  const ends = here && far ? [here, far] : named && [named.requester.vpc, named.accepter.vpc];
  if (!ends) return you("The other side's VPC is not in these tables: make the peering from there.");
  return peeringRemedyOf(around, ends[0]!, ends[1]!, peeringBetween(around, ends[0]!, ends[1]!));
}

/** @param living the peering between the two that may still become active; undefined: a new one is needed */
export function peeringRemedyOf(
  around: Surroundings,
  a: string,
  b: string,
  living: Peering | undefined,
): Remedy {
  const { snapshot, verdict } = around;
  // The question's way round, whichever leg it was found on, so that it is one remedy and not two.
  const isBack = interfaceAt(snapshot.interfaces, verdict.probe.from)?.vpc === b;
  const [here, far] = isBack ? [b, a] : [a, b];
  const row = (id: string) => snapshot.vpcs.find((vpc) => vpc.id === id);
  const [mine, theirs] = [row(here), row(far)];
  if (mine && theirs && !living && overlap(mine, theirs)) {
    return overlapping(overlap(mine, theirs)!);
  }
  if (living && living.status !== "pending-acceptance") {
    return you(`The peering is ${living.status}: AWS is at it, ask again in a moment.`);
  }
  if (wantedPeering(around, here, far)) return step(around, 0, "peer");
  if (living)
    return {
      by: "aws",
      stage: 0,
      command: accept(around, living.id, living.accepter, row(living.requester.vpc)),
    };
  const elsewhere = { account: theirs?.account !== mine?.account, region: theirs?.region !== mine?.region };
  const request = [
    `create-vpc-peering-connection --vpc-id ${here} --peer-vpc-id ${far}`,
    elsewhere.account ? ` --peer-owner-id ${theirs?.account}` : "",
    elsewhere.region ? ` --peer-region ${theirs?.region}` : "",
    " --query VpcPeeringConnection.VpcPeeringConnectionId --output text",
  ].join("");
  const made = `"$${peeringVariable}"`;
  const lines = [
    `${peeringVariable}=$(${awsLine(around, request)})`,
    awsLine(around, `wait vpc-peering-connection-exists --vpc-peering-connection-ids ${made}`),
    ...(elsewhere.account ? [] : [accept(around, made, theirs, mine)]),
  ];
  return {
    by: "aws",
    stage: 0,
    command: lines.join(" && "),
    ...(elsewhere.account && { note: `It then has to be accepted in account ${theirs?.account}.` }),
  };
}

/** For an address that nothing here has: the other VPC's, where the two overlap; or none of that family. */
export function addressUnknownRemedy(around: Surroundings, hop: Hop): Remedy {
  const { snapshot } = around;
  if (hop.kind === "interface") return familyRemedy(around, hop);
  const here = snapshot.vpcs.find(({ id }) => id === hop.id);
  const far = here && farVpc(around, hop, here.id);
  const shared = far && overlap(here, far);
  if (shared) return overlapping(shared);
  return here
    ? you(
        `No command gives ${hop.destination} to an interface of ${here.id}: ask for an address that is in use.`,
      )
    : you(
        `Save the tables of ${hop.id} where it is (peerctl doctor --save), and name both files with --snapshot.`,
      );
}

function familyRemedy(around: Surroundings, { id }: Hop): Remedy {
  const { interfaces, subnets } = around.snapshot;
  const subnet = subnets.find((each) => each.id === interfaces.find((eni) => eni.id === id)?.subnet);
  if (!subnet?.cidrs.some((block) => block.includes(":"))) {
    return you(
      `The subnet ${subnet?.id ?? ""} has no IPv6 block: associate one of its VPC's, then give ${id} an address.`,
    );
  }
  return aws(around, 0, `assign-ipv6-addresses --network-interface-id ${id} --ipv6-address-count 1`);
}

function overlapping(block: string): Remedy {
  return you(
    `VPCs whose CIDR blocks overlap (${block}) cannot be peered: make one of them anew with another block.`,
  );
}

/** In the accepter's Region, where it is another one. */
function accept(
  around: Surroundings,
  id: string,
  accepter: { region: string } | undefined,
  requester: { region: string } | undefined,
): string {
  const line = awsLine(around, `accept-vpc-peering-connection --vpc-peering-connection-id ${id}`);
  if (!accepter || !requester || accepter.region === requester.region) return line;
  return `${line.replace(/ --region \S+/, "")} --region ${accepter.region}`;
}

function overlap(a: Vpc, b: Vpc): string | undefined {
  return a.cidrs.find((mine) => b.cidrs.some((theirs) => overlaps(cidr(mine), cidr(theirs))));
}
