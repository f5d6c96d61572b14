import type { NetworkInterface, Subnet } from "@aws-sdk/client-ec2";
import { addressOf, cidr, contains, parseAddress, usableAddresses } from "../../net/cidr.ts";
import { Ec2Error } from "../error.ts";
import type { Tables } from "../world.ts";

const invalid = (text: string) => new Ec2Error("InvalidParameterValue", text);

function usedIn(tables: Tables, subnetId: string): Set<string> {
  const used = new Set<string>();
  for (const eni of tables.networkInterfaces.values()) {
    if (eni.SubnetId !== subnetId) continue;
    for (const each of eni.PrivateIpAddresses ?? []) used.add(each.PrivateIpAddress!);
  }
  return used;
}

/** The addresses that one interface is to have: those asked for first, then `count` of EC2's choice. */
export interface AddressWish {
  asked?: readonly string[];
  count: number;
}

/**
 * Chooses private addresses for interfaces of one subnet, each wish in turn, none of them twice. EC2's own choice here is
 * the lowest free one. Throws, before anything is changed, where an address is taken, reserved or not the subnet's, or the
 * subnet is full (`InsufficientFreeAddressesInSubnet`).
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function choosePrivateAddresses(
  tables: Tables,
  subnet: Subnet,
  wishes: readonly AddressWish[],
): string[][] {
  const used = usedIn(tables, subnet.SubnetId!);
  for (const text of wishes.flatMap(({ asked }) => asked ?? [])) {
    checkAsked(subnet, text, used);
    used.add(text);
  }
  const { first, last } = usableAddresses(cidr(subnet.CidrBlock!));
  let next = Number(first.value);
  const lowestFree = (): string => {
    for (; next <= Number(last.value); next++) {
      const { text } = addressOf(4, next);
      if (!used.has(text)) {
        used.add(text);
        return text;
      }
    }
    throw new Ec2Error(
      "InsufficientFreeAddressesInSubnet",
      `There are not enough free addresses in subnet '${subnet.SubnetId}' to satisfy the requested number of instances.`,
    );
  };
  return wishes.map(({ asked = [], count }) => [...asked, ...Array.from({ length: count }, lowestFree)]);
}

function checkAsked(subnet: Subnet, text: string, used: ReadonlySet<string>): void {
  const address = parseAddress(text);
  if (address?.family !== 4) throw invalid(`Invalid IPv4 address: ${text}`);
  const block = cidr(subnet.CidrBlock!);
  if (!contains(block, address)) {
    throw invalid(`Address ${text} does not fall within the subnet's address range`);
  }
  const { first, last } = usableAddresses(block);
  if (address.value < first.value || address.value > last.value) {
    throw invalid(`Address ${text} is in subnet's reserved address range`);
  }
  if (used.has(text)) throw new Ec2Error("InvalidIPAddress.InUse", `Address ${text} is in use.`);
}

/** Keeps the subnet's AvailableIpAddressCount true after an interface has come, gone or changed its addresses. */
export function recountAddresses(tables: Tables, { SubnetId }: Pick<NetworkInterface, "SubnetId">): void {
  const subnet = tables.subnets.get(SubnetId ?? "");
  if (!subnet) return;
  const { count } = usableAddresses(cidr(subnet.CidrBlock!));
  subnet.AvailableIpAddressCount = count - usedIn(tables, SubnetId!).size;
}
