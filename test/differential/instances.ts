import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Chance } from "./chance.ts";
import { refused } from "./clients.ts";
import type { Vpc } from "./vpcs.ts";

const image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";

interface Launched {
  /** Of the interfaces. */
  ids: string[];
  instance: string;
  vpc: Vpc;
}

/** One to four instances, of one or two interfaces, with public addresses or without. */
export async function launch(chance: Chance, vpc: Vpc): Promise<Launched[]> {
  const { client } = vpc;
  const launched: Launched[] = [];
  for (let n = 0, count = 1 + chance.below(4); n < count; n += 1) {
    const several = chance.percent(20);
    const card = (DeviceIndex: number) => ({
      DeviceIndex,
      SubnetId: chance.pick(vpc.subnets).id,
      Groups: groupsFor(chance, vpc.groups),
      ...(!several && { AssociatePublicIpAddress: chance.percent(50) }),
      ...(chance.percent(20) && { SecondaryPrivateIpAddressCount: 1 }),
    });
    const { Instances } = await client.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        NetworkInterfaces: several ? [card(0), card(1)] : [card(0)],
      }),
    );
    const [made] = Instances!;
    const ids = made!.NetworkInterfaces!.map((each) => each.NetworkInterfaceId!);
    for (const NetworkInterfaceId of ids) {
      vpc.interfaces.push(NetworkInterfaceId);
      const own = made!.NetworkInterfaces!.find((each) => each.NetworkInterfaceId === NetworkInterfaceId);
      for (const { PrivateIpAddress, Primary } of own!.PrivateIpAddresses!) {
        if (!chance.percent(several || !Primary ? 50 : 20)) continue;
        const { AllocationId } = await client.send(new AllocateAddressCommand({ Domain: "vpc" }));
        const input = { AllocationId, NetworkInterfaceId, PrivateIpAddress };
        await refused(client.send(new AssociateAddressCommand(input)));
      }
      if (chance.percent(25)) {
        const SourceDestCheck = { Value: false };
        await client.send(
          new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck }),
        );
      }
    }
    launched.push({ ids, instance: made!.InstanceId!, vpc });
  }
  return launched;
}

/** One, or all; the default one alone is rare, as it lets in nothing else. */
export function groupsFor(chance: Chance, groups: readonly string[]): string[] {
  if (chance.percent(30)) return [...groups];
  return [chance.pick(chance.percent(15) ? groups : groups.slice(1))];
}

/** Stops or ends some; what routes led to them leads nowhere. */
export async function halt(chance: Chance, launched: readonly Launched[]): Promise<void> {
  for (const { instance, vpc } of launched) {
    const InstanceIds = [instance];
    if (chance.percent(5)) await vpc.client.send(new StopInstancesCommand({ InstanceIds }));
    else if (chance.percent(2)) await vpc.client.send(new TerminateInstancesCommand({ InstanceIds }));
  }
}
