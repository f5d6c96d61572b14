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
    const Filters = isInVpc ? await inVpcs() : undefined;
    if (!Filters) return describeKind[kind](aws, ofStack(uuid));
    const rows = await describeKind[kind](aws, Filters);
    shown.set(kind, rows);
    return rows.filter((row) => tagOf(row as { Tags?: Tag[] }, stackTag) === uuid);
  });

  /** Without any VPC, nothing is in one. */
  async function inVpcs() {
    const ours = (await live.rows("vpc")).map(({ VpcId }) => VpcId!);
    const Values = [...new Set([...recorded, ...ours])];
    return Values.length > 0 ? [{ Name: "vpc-id", Values }] : undefined;
  }

  return {
    live,
    all: async <Kind extends KindInVpc>(kind: Kind) => {
      await live.rows(kind);
      return (shown.get(kind) ?? []) as LiveRows[Kind][];
    },
    interfaces: async () => {
      const Filters = await inVpcs();
      if (!Filters) return [];
      return allPages(
        (NextToken) => aws.ec2(new DescribeNetworkInterfacesCommand({ Filters, NextToken })),
        (page) => page.NetworkInterfaces,
      ).catch((error) => {
        // Who may not ask for them is told of the rest.
        if (/^(InvalidAction|UnauthorizedOperation)$/.test(codeOf(error))) return [];
        throw error;
      });
    },
  };
}
