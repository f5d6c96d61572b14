import { DescribeNetworkInterfacesCommand, type NetworkInterface, type Tag } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { codeOf } from "./codes.ts";
import { describeKind, type Live, type LiveKind, type LiveRows, liveStack } from "./live.ts";
import { allPages } from "./pages.ts";
import { ofStack, stackTag, tagOf } from "./tags.ts";

const kindsInVpc = ["subnet", "security-group", "route-table"] as const;
type KindInVpc = (typeof kindsInVpc)[number];

/** What is in the stack's VPCs, by whomever. */
export interface Surroundings {
  /** The stack's own rows. */
  live: Live;
  /** All rows of that kind in the VPCs, as they were when `live` last asked. */
  all<Kind extends KindInVpc>(kind: Kind): Promise<LiveRows[Kind][]>;
  interfaces(): Promise<NetworkInterface[]>;
}

/**
 * The stack as `liveStack` shows it, and what others have in its VPCs: asked for with the same questions, since those for
 * what is in a VPC are asked by VPC instead of by tag.
 * @param recorded the ids of the VPCs on record: they count also where they do not carry the stack's tag
 */
export function surroundings(aws: Aws, uuid: string, recorded: readonly string[]): Surroundings {
  const shown = new Map<LiveKind, unknown[]>();
  const live: Live = liveStack(aws, uuid, async (kind) => {
    const isInVpc = kindsInVpc.some((each) => each === kind);
    const rows = isInVpc ? await inVpcs((Filters) => describeKind[kind](aws, Filters)) : undefined;
    if (!rows) return describeKind[kind](aws, ofStack(uuid));
    shown.set(kind, rows);
    return rows.filter((row) => tagOf(row as { Tags?: Tag[] }, stackTag) === uuid);
  });

  /** Those on record are asked for at once, others that carry the tag when they are known. Undefined without any VPC. */
  async function inVpcs<Row>(
    ask: (Filters: { Name: string; Values: string[] }[]) => Promise<Row[]>,
  ): Promise<Row[] | undefined> {
    const within = (Values: string[]) =>
      Values.length > 0 ? ask([{ Name: "vpc-id", Values }]) : Promise.resolve(undefined);
    const unrecorded = async () => {
      const ours = (await live.rows("vpc")).map(({ VpcId }) => VpcId!);
      return within(ours.filter((id) => !recorded.includes(id)));
    };
    const [first, more] = await Promise.all([within([...recorded]), unrecorded()]);
    return first && more ? [...first, ...more] : (first ?? more);
  }

  return {
    live,
    all: async <Kind extends KindInVpc>(kind: Kind) => {
      await live.rows(kind);
      return (shown.get(kind) ?? []) as LiveRows[Kind][];
    },
    interfaces: async () => {
      const ask = (Filters: { Name: string; Values: string[] }[]) =>
        allPages(
          (NextToken) => aws.ec2(new DescribeNetworkInterfacesCommand({ Filters, NextToken })),
          (page) => page.NetworkInterfaces,
        );
      const rows = await inVpcs(ask).catch((error) => {
        // Who may not ask for them is told of the rest.
        if (/^(InvalidAction|UnauthorizedOperation)$/.test(codeOf(error))) return [];
        throw error;
      });
      return rows ?? [];
    },
  };
}
