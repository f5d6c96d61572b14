import type { ArchitectureType, InstanceTypeInfo } from "@aws-sdk/client-ec2";

export interface InstanceTypeRow {
  info: InstanceTypeInfo;
  /** Whether the type is of the old Xen generation, which is all that some old zones have. */
  xen: boolean;
}

interface Facts {
  vcpus: number;
  memory: number;
  architectures: ArchitectureType[];
  /** Most interfaces, and IPv4 addresses on each. */
  interfaces: [count: number, addresses: number];
  network: string;
  xen?: boolean;
  freeTier?: boolean;
  burstable?: boolean;
}

const intel: ArchitectureType[] = ["x86_64"];
const oldIntel: ArchitectureType[] = ["i386", "x86_64"];
const arm: ArchitectureType[] = ["arm64"];
const upTo5 = "Up to 5 Gigabit";
const upTo12 = "Up to 12.5 Gigabit";

/**
 * A choice of instance types, with AWS's figures. Free tier as for accounts made since July 2025.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-free-tier-usage.html
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
 */
const facts: Readonly<Record<string, Facts>> = {
  "m1.small": {
    vcpus: 1,
    memory: 1740,
    architectures: oldIntel,
    interfaces: [2, 4],
    network: "Low",
    xen: true,
  },
  "t2.nano": t2(1, 512, [2, 2]),
  "t2.micro": t2(1, 1024, [2, 2]),
  "t2.small": t2(1, 2048, [3, 4]),
  "t2.medium": t2(2, 4096, [3, 6]),
  "t3.nano": t3(intel, 512, [2, 2]),
  "t3.micro": { ...t3(intel, 1024, [2, 2]), freeTier: true },
  "t3.small": { ...t3(intel, 2048, [3, 4]), freeTier: true },
  "t3.medium": t3(intel, 4096, [3, 6]),
  "t3.large": t3(intel, 8192, [3, 12]),
  "t4g.nano": t3(arm, 512, [2, 2]),
  "t4g.micro": { ...t3(arm, 1024, [2, 2]), freeTier: true },
  "t4g.small": { ...t3(arm, 2048, [3, 4]), freeTier: true },
  "t4g.medium": t3(arm, 4096, [3, 6]),
  "c5.large": large(4096, "Up to 10 Gigabit"),
  "m5.large": large(8192, "Up to 10 Gigabit"),
  "c7i-flex.large": { ...large(4096, upTo12), freeTier: true },
  "m7i-flex.large": { ...large(8192, upTo12), freeTier: true },
};

function t2(vcpus: number, memory: number, interfaces: [number, number]): Facts {
  const network = "Low to Moderate";
  return { vcpus, memory, architectures: oldIntel, interfaces, network, xen: true, burstable: true };
}

function t3(architectures: ArchitectureType[], memory: number, interfaces: [number, number]): Facts {
  return { vcpus: 2, memory, architectures, interfaces, network: upTo5, burstable: true };
}

function large(memory: number, network: string): Facts {
  return { vcpus: 2, memory, architectures: intel, interfaces: [3, 10], network };
}

function infoOf(name: string, fact: Facts): InstanceTypeInfo {
  const { vcpus, memory, architectures, network, xen = false, burstable = false } = fact;
  const [interfaces, addresses] = fact.interfaces;
  const threads = xen || architectures === arm ? 1 : 2;
  return {
    InstanceType: name as InstanceTypeInfo["InstanceType"],
    CurrentGeneration: !name.startsWith("m1."),
    FreeTierEligible: fact.freeTier ?? false,
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedRootDeviceTypes: ["ebs"],
    SupportedVirtualizationTypes: name.startsWith("m1.") ? ["hvm", "paravirtual"] : ["hvm"],
    BareMetal: false,
    Hypervisor: xen ? "xen" : "nitro",
    ProcessorInfo: {
      SupportedArchitectures: architectures,
      Manufacturer: architectures === arm ? "AWS" : "Intel",
    },
    VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: vcpus / threads, DefaultThreadsPerCore: threads },
    MemoryInfo: { SizeInMiB: memory },
    InstanceStorageSupported: false,
    EbsInfo: {
      EbsOptimizedSupport: xen ? "unsupported" : "default",
      EncryptionSupport: "supported",
      NvmeSupport: xen ? "unsupported" : "required",
    },
    NetworkInfo: {
      NetworkPerformance: network,
      MaximumNetworkInterfaces: interfaces,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      Ipv4AddressesPerInterface: addresses,
      Ipv6AddressesPerInterface: addresses,
      Ipv6Supported: true,
      EnaSupport: xen ? "unsupported" : "required",
      EfaSupported: false,
    },
    PlacementGroupInfo: {
      SupportedStrategies: burstable ? ["partition", "spread"] : ["cluster", "partition", "spread"],
    },
    HibernationSupported: !name.startsWith("m1."),
    BurstablePerformanceSupported: burstable,
    DedicatedHostsSupported: !burstable,
    AutoRecoverySupported: true,
    SupportedBootModes: xen ? ["legacy-bios"] : architectures === arm ? ["uefi"] : ["legacy-bios", "uefi"],
  };
}

/** By name, in the order of the table. */
export const instanceTypes: ReadonlyMap<string, InstanceTypeRow> = new Map(
  Object.entries(facts).map(([name, fact]) => [name, { info: infoOf(name, fact), xen: fact.xen ?? false }]),
);

export function instanceTypeNamed(name: string | undefined): InstanceTypeRow | undefined {
  return instanceTypes.get(name ?? "");
}

/** us-east-1e is the zone that never got what came after Xen; every other zone has every type of the table. */
export function isOffered({ xen }: InstanceTypeRow, zone: string): boolean {
  return xen || zone !== "us-east-1e";
}
