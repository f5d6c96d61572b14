import { cidr, overlaps } from "../../net/cidr.ts";
import { compareLife, isDead } from "../../net/peering-status.ts";
import type { Hop, Peering, Vpc } from "../../net/types.ts";
import { awsLine, type Remedy, type Surroundings, step, you } from "./line.ts";
import { farVpc, tableBefore, wantedPeering } from "./places.ts";

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
  here: string,
  far: string,
  living: Peering | undefined,
): Remedy {
  const { snapshot } = around;
  const row = (id: string) => snapshot.vpcs.find((vpc) => vpc.id === id);
  const [mine, theirs] = [row(here), row(far)];
  if (mine && theirs && !living && overlap(mine, theirs)) {
    return you(
      `VPCs whose CIDR blocks overlap (${overlap(mine, theirs)}) cannot be peered: make one of them anew with another block.`,
    );
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
