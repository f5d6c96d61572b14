import type { Hop } from "../../net/types.ts";
import { aws, awsLine, type Remedy, type Surroundings, step, you } from "./line.ts";
import { nameOf, routeBefore, specOf, tableBefore } from "./places.ts";

/** The shell variable that holds the id of a gateway made for the VPC, for the lines after it. */
export function gatewayVariable(vpc: string): string {
  return `igw_${vpc.slice(-4)}`;
}

/** For an interface that the internet has no address of. */
export function addressRemedy(around: Surroundings, hop: Hop): Remedy {
  const eni = around.snapshot.interfaces.find(({ id }) => id === hop.id);
  if (!eni) return you("The interface is not in these tables.");
  const isOurs = around.keyOf(eni.instance ?? "")?.startsWith("instance/");
  if (isOurs && specOf(around, nameOf(around, eni.vpc))?.connects) return step(around, 2, "eip");
  const { verdict } = around;
  const wanted =
    verdict.probe.from.kind === "interface" && verdict.probe.from.id === eni.id
      ? hop.source
      : hop.destination;
  const own = eni.addresses.find((each) => each.private === wanted) ?? eni.addresses[0];
  if (own?.private.includes(":"))
    return you("A unique local address stays inside: use a global IPv6 address.");
  const which = own && own !== eni.addresses[0] ? ` --private-ip-address ${own.private}` : "";
  const allocated = awsLine(around, "allocate-address --domain vpc --query AllocationId --output text");
  return aws(
    around,
    2,
    `associate-address --network-interface-id ${eni.id}${which} --allocation-id "$(${allocated})"`,
    "A public IPv4 address costs 0.005 USD an hour.",
  );
}

/** For a VPC without an internet gateway, or a route that names one which is not attached. */
export function gatewayRemedy(around: Surroundings, hop: Hop): Remedy {
  const table = tableBefore(around, hop);
  const vpc = hop.kind === "vpc" ? hop.id : table?.vpc;
  if (!vpc) return you("Attach an internet gateway to the VPC.");
  if (nameOf(around, vpc) !== undefined) return step(around, 0, "create-vpcs");
  const { internetGateways } = around.snapshot;
  const attached = internetGateways.find((gateway) => gateway.vpc === vpc);
  const route = table && table.vpc === vpc ? routeBefore(around, hop) : undefined;
  if (attached && route && table) {
    const words = `replace-route --route-table-id ${table.id} --destination-cidr-block ${route.destination}`;
    return aws(around, 1, `${words} --gateway-id ${attached.id}`);
  }
  const named = around.snapshot.routeTables
    .filter((each) => each.vpc === vpc)
    .flatMap(({ routes }) => routes)
    .map(({ target }) => target.id);
  const detached = internetGateways.find((gateway) => !gateway.vpc && named.includes(gateway.id));
  if (detached)
    return aws(around, 0, `attach-internet-gateway --vpc-id ${vpc} --internet-gateway-id ${detached.id}`);
  const variable = gatewayVariable(vpc);
  const made = awsLine(
    around,
    "create-internet-gateway --query InternetGateway.InternetGatewayId --output text",
  );
  const attach = awsLine(
    around,
    `attach-internet-gateway --vpc-id ${vpc} --internet-gateway-id "$${variable}"`,
  );
  return { by: "aws", stage: 0, command: `${variable}=$(${made}) && ${attach}` };
}

/** Excludes the one VPC; what is blocked for all others stays blocked. */
export function publicAccessRemedy(around: Surroundings, { id }: Hop): Remedy {
  return aws(
    around,
    2,
    `create-vpc-block-public-access-exclusion --vpc-id ${id} --internet-gateway-exclusion-mode allow-bidirectional`,
    "It takes AWS some minutes to apply.",
  );
}
