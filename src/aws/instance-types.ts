import { type _InstanceType, DescribeInstanceTypeOfferingsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { allPages } from "./pages.ts";

/** x86_64 types of the free tier, the smallest and newest first. https://aws.amazon.com/ec2/pricing/ */
const freeTier: readonly _InstanceType[] = ["t3.micro", "t2.micro", "t3.small"];

export interface Offer {
  type: _InstanceType;
  zone: string;
}

/**
 * The first of `types` that is offered, in the first zone that has it; undefined where none is.
 * @param zone only offers there count: where the subnet is, the instance must go
 * @param full zones that have no room
 */
export function bestOffer(
  offers: readonly Offer[],
  types: readonly string[],
  zone?: string,
  full: readonly string[] = [],
): Offer | undefined {
  const here = offers.filter(
    (offer) => (zone === undefined || offer.zone === zone) && !full.includes(offer.zone),
  );
  return types.flatMap((type) => here.filter((offer) => offer.type === type))[0];
}

/** The one that was asked for, or those of the free tier. */
export function wantedTypes(asked: string | undefined): readonly _InstanceType[] {
  return asked ? [asked as _InstanceType] : freeTier;
}

/** Which zone of the Region offers which of `types`, by zone. */
export async function describeOffers(aws: Aws, types: readonly _InstanceType[]): Promise<Offer[]> {
  const rows = await allPages(
    (NextToken) =>
      aws.ec2(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: "availability-zone",
          Filters: [{ Name: "instance-type", Values: [...types] }],
          NextToken,
        }),
      ),
    (page) => page.InstanceTypeOfferings,
  );
  return rows
    .map(({ InstanceType, Location }) => ({ type: InstanceType!, zone: Location! }))
    .sort((a, b) => (a.zone < b.zone ? -1 : 1));
}
