/**
 * The Regions and their Availability Zones, as an account sees them that has opted in to all of them. Zones are the
 * Region's name and a letter; zone ids go by the letter's place (on AWS that mapping differs from account to account).
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
interface Region {
  name: string;
  /** What its zone ids start with: `use1` for `use1-az1`. */
  zoneIdStem: string;
  /** One letter a zone. */
  zones: string;
  /** On for every account, or only after opting in. */
  optIn: boolean;
}

const region = (name: string, zoneIdStem: string, zones = "abc", optIn = false): Region => {
  return { name, zoneIdStem, zones, optIn };
};
const optIn = (name: string, zoneIdStem: string): Region => region(name, zoneIdStem, "abc", true);

const regions: readonly Region[] = [
  region("us-east-1", "use1", "abcdef"),
  region("us-east-2", "use2"),
  region("us-west-1", "usw1", "ac"),
  region("us-west-2", "usw2", "abcd"),
  region("ap-northeast-1", "apne1", "acd"),
  region("ap-northeast-2", "apne2", "abcd"),
  region("ap-northeast-3", "apne3"),
  region("ap-south-1", "aps1"),
  region("ap-southeast-1", "apse1"),
  region("ap-southeast-2", "apse2"),
  region("ca-central-1", "cac1", "abd"),
  region("eu-central-1", "euc1"),
  region("eu-north-1", "eun1"),
  region("eu-west-1", "euw1"),
  region("eu-west-2", "euw2"),
  region("eu-west-3", "euw3"),
  region("sa-east-1", "sae1"),
  optIn("af-south-1", "afs1"),
  optIn("ap-east-1", "ape1"),
  optIn("ap-east-2", "ape2"),
  optIn("ap-south-2", "aps2"),
  optIn("ap-southeast-3", "apse3"),
  optIn("ap-southeast-4", "apse4"),
  optIn("ap-southeast-5", "apse5"),
  optIn("ap-southeast-7", "apse7"),
  optIn("ca-west-1", "caw1"),
  optIn("eu-central-2", "euc2"),
  optIn("eu-south-1", "eus1"),
  optIn("eu-south-2", "eus2"),
  optIn("il-central-1", "ilc1"),
  optIn("me-central-1", "mec1"),
  optIn("me-south-1", "mes1"),
  optIn("mx-central-1", "mxc1"),
];

const byName = new Map(regions.map((each) => [each.name, each]));

export interface Zone {
  name: string;
  id: string;
}

export const regionNames: readonly string[] = regions.map(({ name }) => name);

export function isRegion(name: string): boolean {
  return byName.has(name);
}

/** `OptInStatus` as DescribeRegions shows it. */
export function optInStatus(name: string): string {
  return byName.get(name)?.optIn ? "opted-in" : "opt-in-not-required";
}

/** The zones of a Region, in the order of their names. */
export function zonesOf(name: string): Zone[] {
  const { zoneIdStem, zones } = byName.get(name)!;
  return [...zones].map((letter, index) => ({
    name: `${name}${letter}`,
    id: `${zoneIdStem}-az${index + 1}`,
  }));
}
